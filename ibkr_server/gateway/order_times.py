"""Times as the gateway writes them: in UTC, or with the name of a zone.

Without a zone they would be read in that of the gateway's login, which nobody here knows.
https://interactivebrokers.github.io/tws-api/message_codes.html (warning 2174)
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_UTC_FORM = "%Y%m%d-%H:%M:%S"
_ZONED_FORM = "%Y%m%d %H:%M:%S"


def gateway_time(time: datetime) -> str:
    """A time with a zone, as "20261120-21:00:00" in UTC."""
    return time.astimezone(UTC).strftime(_UTC_FORM)


def time_of(text: str) -> datetime | None:
    """In UTC; None where it is no time, or names no zone that is known."""
    try:
        if "-" in text:
            return datetime.strptime(text, _UTC_FORM).replace(tzinfo=UTC)
        day, clock, zone = text.split(" ")
        return datetime.strptime(f"{day} {clock}", _ZONED_FORM).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, KeyError):  # KeyError: ZoneInfoNotFoundError is one
        return None
