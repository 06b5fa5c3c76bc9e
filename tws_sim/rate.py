"""Message rates within a sliding second."""

from collections import deque

# Arrivals are stamped by this process: the limit leaves this much of a second to network and event loop,
# so that a client whose own clock says "45 a second" is not cut off for their jitter.
JITTER_SECONDS = 0.05


class SlidingWindow:
    """Counts events of the last second, or less, and remembers the highest count seen."""

    def __init__(self, seconds: float = 1.0) -> None:
        self._seconds = seconds
        self._times: deque[float] = deque()
        self.maximum = 0

    def count(self, now: float) -> int:
        """Events within the window that ends at ``now`` (monotonic seconds)."""
        while self._times and now - self._times[0] >= self._seconds:
            self._times.popleft()
        return len(self._times)

    def add(self, now: float) -> None:
        """Record an event at ``now``."""
        self.maximum = max(self.maximum, self.count(now) + 1)
        self._times.append(now)


class RateLimit:
    """A limit on a client's messages, and how many seconds may break it before the client has to go."""

    def __init__(self, limit: int, violations_allowed: int = 3) -> None:
        self.limit = limit
        self._violations_allowed = violations_allowed
        self._admitted = SlidingWindow(1.0 - JITTER_SECONDS)
        self._last_violation = float("-inf")
        self.violations = 0

    def admit(self, now: float) -> bool:
        """Whether a message that arrives at ``now`` is within the limit; a refused one takes no place."""
        if self._admitted.count(now) < self.limit:
            self._admitted.add(now)
            return True
        if now - self._last_violation >= 1.0:
            self._last_violation = now
            self.violations += 1
        return False

    @property
    def exhausted(self) -> bool:
        """Whether the client has broken the limit in too many seconds to stay."""
        return self.violations >= self._violations_allowed
