"""When an option stops trading, as an instant."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import exchange_calendars

NEW_YORK = ZoneInfo("America/New_York")

# Settled on the opening of the day they expire on: the standard index series. The weekly and quarterly ones
# (SPXW, NDXP, RUTW …) settle at the close. Source: Cboe's and Nasdaq's contract specifications.
AM_SETTLED_CLASSES = frozenset({"DJX", "MRUT", "NDX", "RUT", "SPX", "VIX", "VIXW"})


def expiration_instant(expiration: date, trading_class: str) -> datetime:
    """The close of the last trading session on or before `expiration`, New York time.

    A Saturday (old monthlies) or a holiday stands for the session before, early closes count, and classes
    settled in the morning end at the opening.

    Raises:
        LookupError: There is no session in the ten days before it.
    """
    hours = _sessions(expiration.year).get(expiration)
    day = expiration
    while hours is None:
        day -= timedelta(days=1)
        if expiration - day > timedelta(days=10):
            raise LookupError(f"no trading session before {expiration}")
        hours = _sessions(day.year).get(day)
    opening, close = hours
    return opening if trading_class in AM_SETTLED_CLASSES else close


@lru_cache(maxsize=32)
def _sessions(year: int) -> dict[date, tuple[datetime, datetime]]:
    calendar = exchange_calendars.get_calendar("XNYS", start=f"{year}-01-01", end=f"{year}-12-31")
    sessions = zip(calendar.sessions, calendar.opens_nanos, calendar.closes_nanos, strict=True)
    return {day.date(): (_new_york(opening), _new_york(close)) for day, opening, close in sessions}


def _new_york(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(nanoseconds / 1e9, NEW_YORK)
