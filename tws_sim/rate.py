"""Message rates within a sliding second."""

from collections import deque


class SlidingWindow:
    """Counts events of the last ``seconds`` and remembers the highest count seen."""

    def __init__(self, seconds: float = 1.0) -> None:
        self._seconds = seconds
        self._times: deque[float] = deque()
        self.maximum = 0

    def add(self, now: float) -> int:
        """Record an event at ``now`` (monotonic seconds) and return the count within the window."""
        while self._times and now - self._times[0] >= self._seconds:
            self._times.popleft()
        self._times.append(now)
        self.maximum = max(self.maximum, len(self._times))
        return len(self._times)


class RateLimit:
    """The gateway's limit: messages within a second, and how often a client may break it.

    Arrivals are stamped by this process, so ``tolerance`` seconds of the window are given to the network and
    the event loop: a client that sends at exactly the limit is not blamed for their jitter.
    """

    def __init__(self, limit: int, violations: int = 3, tolerance: float = 0.05) -> None:
        self._limit = limit
        self._violations_allowed = violations
        self._times: deque[float] = deque()
        self._window = 1.0 - tolerance
        self._last_violation = float("-inf")
        self.violations = 0

    def admit(self, now: float) -> bool:
        """Whether a message that arrives at ``now`` is within the limit."""
        while self._times and now - self._times[0] >= self._window:
            self._times.popleft()
        if len(self._times) < self._limit:
            self._times.append(now)
            return True
        if now - self._last_violation >= 1.0:
            self._last_violation = now
            self.violations += 1
        return False

    @property
    def exhausted(self) -> bool:
        """Whether the client has broken the limit too often to stay."""
        return self.violations >= self._violations_allowed
