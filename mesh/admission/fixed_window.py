"""Fixed window: a count that starts anew at every full period, as exchanges and brokers count."""

import math


class FixedWindow:
    """At most `limit` calls in each period [k * period, (k + 1) * period) of the clock.

    Cheap and easy to explain; across a boundary up to twice the limit may fall into one period's length.
    """

    def __init__(self, limit: int, period_seconds: float) -> None:
        self._limit = limit
        self._period = period_seconds
        self._window = -math.inf
        self._count = 0

    def __repr__(self) -> str:
        return f"<FixedWindow {self._count}/{self._limit} in {self._period:g} s>"

    def acquire(self, now: float) -> float:
        """0.0 where a call may go ahead at `now`, in monotonic seconds; else the seconds until one may."""
        window = now // self._period
        if window > self._window:
            self._window, self._count = window, 0
        if self._count >= self._limit:
            return (self._window + 1) * self._period - now
        self._count += 1
        return 0.0
