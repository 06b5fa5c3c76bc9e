"""The gateway's planned restart: known in advance, so it is waited out and not reported as a failure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MARGIN = timedelta(minutes=2)
_FORM = re.compile(r"(\d{2}:\d{2})(?:\s+(\S+))?")


@dataclass(frozen=True, slots=True)
class DailyRestart:
    """A wall clock time at which TWS or IB Gateway restarts every day."""

    at: time
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "23:45" or "23:45 Europe/Zurich"; without a zone it is New York's.

        Raises:
            ValueError: The text is of another form, or names no time or zone.
        """
        match = _FORM.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is not of the form HH:MM or HH:MM Zone/City")
        try:
            zone = ZoneInfo(match[2] or "America/New_York")
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{match[2]!r} is no time zone") from None
        return cls(time.fromisoformat(match[1]), zone)

    def is_due(self, now: datetime) -> bool:
        """Whether `now` (with a zone) is within two minutes of a restart."""
        today = now.astimezone(self.zone).date()
        return any(
            abs(now - self._on(today + timedelta(days=shift)).astimezone(UTC)) <= MARGIN
            for shift in (-1, 0, 1)
        )

    def _on(self, day: date) -> datetime:
        return datetime.combine(day, self.at, self.zone)
