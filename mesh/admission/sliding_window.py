"""Sliding window: exact, at the price of one remembered time per call."""

from collections import deque


class SlidingWindow:
    """At most `limit` calls in any half-open window (t - period, t], wherever it begins.

    A log of the last `limit` admissions: a call may go ahead once the oldest of them has left the window.
    """

    def __init__(self, limit: int, period_seconds: float) -> None:
        self._limit = limit
        self._period = period_seconds
        self._admitted: deque[float] = deque(maxlen=limit)

    def __repr__(self) -> str:
        return f"<SlidingWindow {len(self._admitted)}/{self._limit} in {self._period:g} s>"

    def acquire(self, now: float) -> float:
        """0.0 where a call may go ahead at `now`, in monotonic seconds; else the seconds until one may."""
        admitted = self._admitted
        while admitted and admitted[0] + self._period <= now:
            admitted.popleft()
        if len(admitted) >= self._limit:
            return admitted[0] + self._period - now
        admitted.append(now)
        return 0.0
