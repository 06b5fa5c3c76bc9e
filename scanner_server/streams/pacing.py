"""When a stream of rankings says something: a ranking, a heartbeat, or nothing yet."""

import math
from dataclasses import dataclass
from enum import Enum

HEARTBEAT_SECONDS = 5.0


class Due(Enum):
    """What to send now."""

    RANKING = "ranking"
    HEARTBEAT = "heartbeat"


@dataclass(slots=True)
class Pacing:
    """The times at which one stream spoke, in monotonic seconds.

    A ranking is due when there is news, a credit to send it with and `min_interval` since the one before;
    until then news piles up in the book alone, so that what is sent is always the latest. A heartbeat is due
    after `HEARTBEAT_SECONDS` of silence.

    Attributes:
        min_interval: shortest time between two rankings, seconds.
        spoke_at: when anything was sent last, at first when the stream began.
    """

    min_interval: float
    spoke_at: float
    _ranked_at: float = -math.inf

    def decide(self, now: float, *, news_at: float, has_credit: bool) -> Due | float:
        """What is due now; else the time at which to decide again, unless something happens before.

        Args:
            now: monotonic seconds.
            news_at: from when there is something newer than what was sent last; infinite where nothing is.
            has_credit: the receiver has room for a ranking.
        """
        ranking_at = max(news_at, self._ranked_at + self.min_interval) if has_credit else math.inf
        if ranking_at <= now:
            return Due.RANKING
        heartbeat_at = self.spoke_at + HEARTBEAT_SECONDS
        return Due.HEARTBEAT if heartbeat_at <= now else min(ranking_at, heartbeat_at)

    def sent(self, due: Due, now: float) -> None:
        """Note what was sent."""
        self.spoke_at = now
        if due is Due.RANKING:
            self._ranked_at = now

    def renew(self) -> None:
        """Let the next ranking go at once: it answers another spec."""
        self._ranked_at = -math.inf
