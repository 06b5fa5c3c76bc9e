"""Adaptive rate: as many calls as are answered in time; additive increase, multiplicative decrease."""

import math
from typing import Final

from mesh.admission.token_bucket import TokenBucket

INTERVAL_SECONDS: Final = 0.25
INCREASE: Final = 0.02
"""Of the highest rate, each interval: from nothing to the highest in 12.5 s."""
DECREASE: Final = 0.8
USED: Final = 0.5


class AdaptiveRate:
    """A token bucket whose rate r, between `lowest` and `highest`, follows the latency of the calls.

    At the end of each interval in which calls ended, with L their mean latency and n the calls admitted:

        L > objective                      ->  r = max(lowest,  0.8 * r)
        L <= objective and n >= 0.5 * r*t  ->  r = min(highest, r + 0.02 * highest)

    A rate that is not used does not grow: it tells nothing about the server. Callers of one server that
    each do this end up with equal shares (Chiu and Jain, "Analysis of the increase and decrease algorithms
    for congestion avoidance", Computer Networks and ISDN Systems 17, 1989).
    """

    def __init__(self, lowest: float, highest: float, objective_seconds: float) -> None:
        """Start at `highest`, in calls per second, with bursts of a quarter second of `lowest`."""
        self._lowest = lowest
        self._highest = highest
        self._objective = objective_seconds
        self._bucket = TokenBucket(highest, max(1.0, lowest * INTERVAL_SECONDS))
        self._since = -math.inf
        self._admitted = 0
        self._ended = 0
        self._latencies = 0.0

    def __repr__(self) -> str:
        return f"<AdaptiveRate {self.rate:.1f}/s in {self._lowest:g}..{self._highest:g}>"

    @property
    def rate(self) -> float:
        """Calls per second at present."""
        return self._bucket.rate

    def acquire(self, now: float) -> float:
        """0.0 where a call may go ahead at `now`, in monotonic seconds; else the seconds until one may."""
        wait = self._bucket.acquire(now)
        self._admitted += wait == 0.0
        return wait

    def observe(self, latency_seconds: float, now: float) -> None:
        """Learn from a call that has ended."""
        if self._since == -math.inf:
            self._since = now
        self._ended += 1
        self._latencies += latency_seconds
        if now - self._since >= INTERVAL_SECONDS:
            self._bucket.set_rate(self._next_rate(now - self._since), now)
            self._since, self._admitted, self._ended, self._latencies = now, 0, 0, 0.0

    def _next_rate(self, elapsed: float) -> float:
        if self._latencies / self._ended > self._objective:
            return max(self._lowest, DECREASE * self.rate)
        if self._admitted >= USED * self.rate * elapsed:
            return min(self._highest, self.rate + INCREASE * self._highest)
        return self.rate
