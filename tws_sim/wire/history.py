"""Messages of historical data, and its ways of writing a time."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tws_sim.market.bars import Bar
from tws_sim.market.calendar import NEW_YORK
from tws_sim.market.hours import Session
from tws_sim.wire.contracts import TIME_ZONE
from tws_sim.wire.framing import Field, message

# From here on the gateway names the zone of a time.
_ZONED_SINCE = 164
_MOMENT = re.compile(r"(\d{8})(?:[ -]+(\d{2}:\d{2}:\d{2}))?(?: +(\S+))?")


def read_time(text: str) -> datetime | None:
    """``20260102 15:04:05 UTC``, with another zone, without one (New York), or ``20260102-15:04:05`` in UTC.

    None where it is no time; a date alone means its end.
    """
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        return None
    day, clock, name = match.groups()
    try:
        zone = ZoneInfo(name) if name else (ZoneInfo("UTC") if "-" in text else NEW_YORK)
        naive = datetime.strptime(f"{day} {clock or '23:59:59'}", "%Y%m%d %H:%M:%S")
        return naive.replace(tzinfo=zone).astimezone(NEW_YORK)
    except (ValueError, OverflowError, ZoneInfoNotFoundError, OSError):
        return None


def moment(version: int, epoch: float) -> str:
    """An instant in New York, in the shape of the negotiated version."""
    local = datetime.fromtimestamp(epoch, NEW_YORK)
    return f"{local:%Y%m%d %H:%M:%S} {TIME_ZONE}" if version >= _ZONED_SINCE else f"{local:%Y%m%d  %H:%M:%S}"


def head_timestamp(version: int, request_id: int, epoch: float, *, in_seconds: bool) -> bytes:
    """The earliest instant of an instrument's history."""
    written = datetime.fromtimestamp(epoch, UTC).strftime(
        "%Y%m%d-%H:%M:%S" if version >= _ZONED_SINCE else "%Y%m%d  %H:%M:%S"
    )
    return message(88, request_id, int(epoch) if in_seconds else written)


def bar_date(version: int, bar: Bar, *, daily: bool, in_seconds: bool) -> str:
    """A bar's label: its day, or its first instant."""
    if daily:
        return f"{bar.interval.day:%Y%m%d}"
    return str(int(bar.interval.start)) if in_seconds else moment(version, bar.interval.start)


def historical_data(
    version: int, request_id: int, span: tuple[float, float], rows: Sequence[tuple[str, Bar]]
) -> bytes:
    """Every bar with its label, in one message."""
    fields: list[Field] = [17, request_id, *(moment(version, epoch) for epoch in span), len(rows)]
    for label, bar in rows:
        fields += [label, *(_number(price) for price in (bar.open, bar.high, bar.low, bar.close))]
        fields += [bar.volume, _number(bar.average), bar.trades]
    return message(*fields)


def historical_update(request_id: int, label: str, bar: Bar) -> bytes:
    """The newest bar of a request that is kept up to date."""
    prices = (bar.open, bar.close, bar.high, bar.low, bar.average)
    return message(90, request_id, bar.trades, label, *map(_number, prices), bar.volume)


def realtime_bar(request_id: int, bar: Bar) -> bytes:
    """A five-second bar."""
    prices = map(_number, (bar.open, bar.high, bar.low, bar.close))
    start = int(bar.interval.start)
    return message(50, 3, request_id, start, *prices, bar.volume, _number(bar.average), bar.trades)


def schedule(request_id: int, sessions: Sequence[Session]) -> bytes:
    """Trading sessions, oldest first."""
    fields: list[Field] = [
        *(106, request_id, _dashed(sessions[0].opens), _dashed(sessions[-1].closes)),
        *(TIME_ZONE, len(sessions)),
    ]
    for one in sessions:
        fields += [_dashed(one.opens), _dashed(one.closes), _day(one.day)]
    return message(*fields)


def histogram(request_id: int, counts: dict[float, int]) -> bytes:
    """How much traded at each price."""
    pairs = (field for price, count in sorted(counts.items()) for field in (_number(price), count))
    return message(89, request_id, len(counts), *pairs)


def _number(value: float) -> str:
    return f"{value:.10g}"


def _dashed(when: datetime) -> str:
    return f"{when:%Y%m%d-%H:%M:%S}"


def _day(when: date) -> str:
    return f"{when:%Y%m%d}"
