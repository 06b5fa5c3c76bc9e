"""The New York Stock Exchange's sessions, holidays and early closes."""

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import exchange_calendars as xcals

NEW_YORK = ZoneInfo("America/New_York")
_HOURS_DAYS = 6


class SessionCalendar:
    """Sessions between two dates (both included)."""

    def __init__(self, start: date, end: date) -> None:
        calendar = xcals.get_calendar("XNYS", start=start.isoformat(), end=end.isoformat())
        schedule = calendar.schedule
        self._sessions: dict[date, tuple[datetime, datetime]] = {
            day.date(): (
                opens.to_pydatetime().astimezone(NEW_YORK),
                closes.to_pydatetime().astimezone(NEW_YORK),
            )
            for day, opens, closes in zip(schedule.index, schedule["open"], schedule["close"], strict=True)
        }
        self.start = start
        self.end = end

    def is_session(self, day: date) -> bool:
        """Whether shares trade that day."""
        return day in self._sessions

    def hours(self, day: date) -> tuple[datetime, datetime] | None:
        """Opening and close of the day's session, New York time."""
        return self._sessions.get(day)

    def close(self, day: date) -> datetime:
        """The close of the last session on or before ``day``.

        Raises:
            ValueError: there is none since the calendar's start.
        """
        return self._sessions[self.last_session(day)][1]

    def last_session(self, day: date) -> date:
        """The last session on or before ``day``.

        Raises:
            ValueError: there is none since the calendar's start.
        """
        while day not in self._sessions:
            day -= timedelta(days=1)
            if day < self.start:
                raise ValueError("no session on or before the day")
        return day


@cache
def sessions(start: date, end: date) -> SessionCalendar:
    """The calendar between two dates, built once."""
    return SessionCalendar(start, end)


def trading_hours(calendar: SessionCalendar, first: date) -> tuple[str, str]:
    """Extended and regular hours from ``first`` on, as TWS writes them.

    An entry is ``20151224:0930-20151224:1300`` or ``20151225:CLOSED``.
    """
    extended, regular = [], []
    for offset in range(_HOURS_DAYS):
        day = first + timedelta(days=offset)
        hours = calendar.hours(day)
        if hours is None:
            extended.append(f"{day:%Y%m%d}:CLOSED")
            regular.append(f"{day:%Y%m%d}:CLOSED")
            continue
        opens, closes = hours
        evening = "1700" if closes.hour < 16 else "2000"
        extended.append(f"{day:%Y%m%d}:0400-{day:%Y%m%d}:{evening}")
        regular.append(f"{opens:%Y%m%d:%H%M}-{closes:%Y%m%d:%H%M}")
    return ";".join(extended), ";".join(regular)
