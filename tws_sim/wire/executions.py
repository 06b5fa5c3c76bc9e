"""execDetails and commissionReport, and the filter of a request for them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from tws_sim.market.calendar import NEW_YORK
from tws_sim.orders.book import Execution
from tws_sim.wire.contracts import TIME_ZONE
from tws_sim.wire.fields import FieldError, FieldReader
from tws_sim.wire.framing import Field, message
from tws_sim.wire.order_reports import UNSET

_LIVE = -1
_ADDED_LIQUIDITY = 1


def moment(time: str) -> str:
    """An instant (ISO 8601) as TWS writes it."""
    return f"{datetime.fromisoformat(time).astimezone(NEW_YORK):%Y%m%d %H:%M:%S} {TIME_ZONE}"


def details(
    version: int, execution: Execution, account: str, contract: Sequence[Field], request_id: int = _LIVE
) -> bytes:
    """Message 11; ``contract`` are the eleven fields from its id to its trading class."""
    one = execution
    fields: list[Field] = [11, request_id, one.order_id, *contract, one.execution_id, moment(one.time)]
    fields += [account, one.exchange, one.side, one.quantity, one.price, one.perm_id, one.client_id, 0]
    fields += [one.cumulative, one.average, one.order_ref, "", "", "", _ADDED_LIQUIDITY]
    if version >= 178:
        fields.append(0)
    return message(*fields)


def commission(execution: Execution) -> bytes:
    """Message 59."""
    realized = UNSET if execution.realized is None else round(execution.realized, 6)
    paid = execution.commission or 0.0
    return message(59, 1, execution.execution_id, paid, "USD", realized, UNSET, "")


class Filter(NamedTuple):
    """Which executions a client asks for; what is empty or 0 fits all."""

    client_id: int
    account: str
    since: datetime | None
    symbol: str
    sec_type: str
    exchange: str
    side: str

    def fits(self, execution: Execution, account: str, contract: Sequence[Field]) -> bool:
        """Whether an execution is asked for; the contract's fields begin with id, symbol and type."""
        sides = {"BUY": "BOT", "SELL": "SLD"}
        wanted = sides.get(self.side.upper(), self.side.upper())
        return (
            self.client_id in {0, execution.client_id}
            and self.account in {"", account}
            and (self.since is None or datetime.fromisoformat(execution.time) >= self.since)
            and self.symbol in {"", contract[1]}
            and self.sec_type in {"", contract[2]}
            and self.exchange in {"", execution.exchange}
            and wanted in {"", execution.side}
        )


def read_filter(fields: FieldReader) -> Filter:
    """The seven fields of a filter.

    Raises:
        FieldError: one of them cannot be read.
    """
    client_id, account, since = fields.integer(), fields.string(), _since(fields.string())
    return Filter(client_id, account, since, *(fields.string() for _ in range(4)))


def _since(text: str) -> datetime | None:
    """``YYYYMMDD HH:MM:SS[ zone]`` (New York) or ``YYYYMMDD-HH:MM:SS`` (UTC)."""
    if not text.strip():
        return None
    try:
        if "-" in text:
            return datetime.strptime(text, "%Y%m%d-%H:%M:%S").replace(tzinfo=UTC)
        day, clock = text.split()[:2]
        return datetime.strptime(f"{day} {clock}", "%Y%m%d %H:%M:%S").replace(tzinfo=NEW_YORK)
    except ValueError:
        raise FieldError(f"{text!r} is no time") from None
