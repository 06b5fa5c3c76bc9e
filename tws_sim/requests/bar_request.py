"""What a request for historical bars asks for, checked as the gateway checks it."""

import re
from dataclasses import dataclass
from datetime import datetime

from tws_sim.market.bars import BAR_SIZES, Duration
from tws_sim.market.calendar import NEW_YORK
from tws_sim.market.listing import ContractQuery
from tws_sim.pacing import SMALL_BAR_SECONDS
from tws_sim.wire import errors
from tws_sim.wire.contracts import read_contract, read_legs
from tws_sim.wire.fields import FieldReader
from tws_sim.wire.history import read_time

Refusal = tuple[int, str]

PRICES = {"TRADES", "AGGTRADES", "ADJUSTED_LAST", "MIDPOINT", "BID", "ASK", "BID_ASK"}
IMPLIED_VOLATILITY = "OPTION_IMPLIED_VOLATILITY"
VOLATILITIES = {"HISTORICAL_VOLATILITY", IMPLIED_VOLATILITY}
# Valid kinds of data that this gateway has nothing of.
ABSENT = {"REBATE_RATE", "FEE_RATE", "YIELD_BID", "YIELD_ASK", "YIELD_BID_ASK", "YIELD_LAST"}
SCHEDULE = "SCHEDULE"

_SHORT_SIZES = {"1D": "1 day", "1W": "1 week", "1M": "1 month"}
_DURATION = re.compile(r"(\d{1,6}) ?([SDWMY])")
_MOST_DAYS = 365


@dataclass(frozen=True)
class BarRequest:
    """The fields of reqHistoricalData; ``end`` is a text until it has been checked."""

    request_id: int
    query: ContractQuery
    end: str
    size_name: str
    duration_name: str
    regular: bool
    what: str
    in_seconds: bool
    keep_up_to_date: bool

    @property
    def size(self) -> int | None:
        """Seconds of a bar; None for a size that does not exist."""
        return BAR_SIZES.get(_SHORT_SIZES.get(self.size_name, self.size_name))

    @property
    def duration(self) -> Duration | None:
        """How far the request reaches; None where it cannot be read."""
        match = _DURATION.fullmatch(self.duration_name.strip().upper())
        return Duration(int(match[1]), match[2]) if match and int(match[1]) else None

    @property
    def is_small(self) -> bool:
        """Whether the limits of small bars hold."""
        return self.size is not None and self.size <= SMALL_BAR_SECONDS and self.what != SCHEDULE

    def ends(self, now: datetime) -> datetime | None:
        """The instant the request reaches back from, no later than now; None where it cannot be read."""
        asked = read_time(self.end) if self.end else now
        return min(asked, now).astimezone(NEW_YORK) if asked else None

    def problem(self) -> Refusal | None:
        """Error code and text for what the gateway refuses before it looks for data."""
        duration = self.duration
        if self.size is None:
            legal = ", ".join(BAR_SIZES)
            return _invalid(f"Historical data bar size setting is invalid. Legal ones are: {legal}")
        if duration is None:
            return _invalid(f"Historical data query duration [{self.duration_name}] is invalid")
        if duration.unit == "D" and duration.limit > _MOST_DAYS:
            return _invalid(
                "Historical data requests for durations longer than 365 days must be made in years."
            )
        if self.what not in PRICES | VOLATILITIES | ABSENT | {SCHEDULE}:
            return _invalid(f"Historical data request what to show [{self.what}] is invalid")
        if self.end and (self.keep_up_to_date or self.what == "ADJUSTED_LAST"):
            return _invalid("End Date/Time is not supported for this request")
        if self.end and read_time(self.end) is None:
            return errors.INVALID_TIME, errors.INVALID_TIME_TEXT
        return None


def read_bar_request(fields: FieldReader) -> BarRequest:
    """Read the fields that follow the message id.

    Raises:
        FieldError: one is missing or has another type.
    """
    request_id, query = fields.integer(), read_contract(fields)
    fields.skip()  # whether expired contracts are looked for too
    end, size, duration = fields.string(), fields.string(), fields.string()
    regular, what, date_format = fields.boolean(), fields.string().upper(), fields.integer()
    if query.sec_type == "BAG":
        read_legs(fields)
    keep = fields.boolean()
    return BarRequest(
        request_id, query, end.strip(), size.strip(), duration, regular, what, date_format == 2, keep
    )


def _invalid(cause: str) -> Refusal:
    return errors.VALIDATION_ERROR, errors.validation(cause)
