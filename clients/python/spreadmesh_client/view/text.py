"""Numbers and times the way a trader reads them."""

from datetime import UTC, datetime
from functools import cache
from math import isinf, isnan
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from google.protobuf.timestamp_pb2 import Timestamp

MISSING = "–"


def price(value: float | None, decimals: int = 2) -> str:
    """A price or any other number with fixed decimals; a dash where there is none."""
    if value is None or isnan(value):
        return MISSING
    if isinf(value):
        return "∞" if value > 0 else "-∞"
    return f"{value:,.{decimals}f}"


def whole(value: float | None) -> str:
    """A number without decimals."""
    return price(value, 0)


def percent(value: float | None) -> str:
    """A fraction as a percentage."""
    return MISSING if value is None or isnan(value) else f"{100 * value:.0f}%" if not isinf(value) else "∞"


def net_price(value: float) -> str:
    """A spread's price, which is positive for a debit: `1.20 dr` or `0.85 cr`."""
    return f"{abs(value):.2f} {'dr' if value >= 0 else 'cr'}"


def duration(seconds: float | None) -> str:
    """Seconds as one readable figure."""
    if seconds is None or isnan(seconds):
        return MISSING
    for limit, unit, size in ((0.0995, "ms", 0.001), (99.5, "s", 1), (5970, "min", 60)):
        if seconds < limit:
            digits = 1 if unit == "s" and seconds < 9.95 else 0
            return f"{seconds / size:.{digits}f} {unit}"
    return f"{seconds / 3600:.1f} h"


def market_time(stamp: Timestamp) -> str:
    """A market time in New York, or in UTC where this machine has no time zones."""
    moment = stamp.ToDatetime(UTC).astimezone(_new_york() or UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S} {'New York' if _new_york() else 'UTC'}"


def iso_time(nanoseconds: int) -> str:
    """A Unix time on the clock of this machine."""
    return f"{datetime.fromtimestamp(nanoseconds / 1e9).astimezone():%H:%M:%S}"


@cache
def _new_york() -> ZoneInfo | None:
    try:
        return ZoneInfo("America/New_York")
    except ZoneInfoNotFoundError:
        return None
