"""What has become of the requests to the gateway."""

from collections.abc import Callable
from enum import Enum

from ibkr_server.gateway.recent import RecentCount

WINDOW_SECONDS = 300.0


class Outcome(Enum):
    """How a request has ended."""

    ANSWERED = "answered"
    REFUSED = "refused"
    UNANSWERED = "unanswered"


class Outcomes:
    """Requests by outcome: since the start, and the share of errors among those of the last five minutes."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`totals` counts since the start; `clock` gives monotonic seconds."""
        self.totals = dict.fromkeys(Outcome, 0)
        self._clock = clock
        self._requests = RecentCount(WINDOW_SECONDS)
        self._errors = RecentCount(WINDOW_SECONDS)

    def count(self, outcome: Outcome) -> None:
        """One more request has ended."""
        now = self._clock()
        self.totals[outcome] += 1
        self._requests.add(now)
        if outcome is not Outcome.ANSWERED:
            self._errors.add(now)

    @property
    def requests(self) -> int:
        """Requests that have ended in the last five minutes."""
        return self._requests.total(self._clock())

    @property
    def error_rate(self) -> float:
        """The share of them that were refused or unanswered, 0 to 1; 0 where there were none."""
        requests = self.requests
        return self._errors.total(self._clock()) / requests if requests else 0.0
