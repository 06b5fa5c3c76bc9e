"""Retry budget: retries are a share of the calls, so that an outage does not multiply its own load."""

from typing import Final

SHARE: Final = 0.2
PER_SECOND: Final = 10.0
MOST: Final = 100.0


class RetryBudget:
    """A token bucket: a first attempt puts in `share`, time `per_second`, a retry takes 1; it holds `most`.

    Over any t seconds with n first attempts, at most `most + share * n + per_second * t` retries are made.
    The two feeds are those of Finagle's RetryBudget: the second lets a quiet client retry at all. A retry
    that finds nothing waits for its turn instead of being given up, so it is the caller's deadline that ends
    it, and a lone stream always comes back.
    """

    def __init__(self, share: float = SHARE, per_second: float = PER_SECOND, most: float = MOST) -> None:
        """Start full."""
        self._share = share
        self._per_second = per_second
        self._most = most
        self._tokens = most
        self._last: float | None = None
        self.retries = 0
        self.delayed = 0
        """Retries that had to wait."""

    def __repr__(self) -> str:
        return (
            f"<RetryBudget {self._tokens:.1f}/{self._most:g} retries={self.retries} delayed={self.delayed}>"
        )

    def deposit(self) -> None:
        """Count a first attempt."""
        self._tokens = min(self._most, self._tokens + self._share)

    def wait(self, now: float) -> float:
        """Seconds from `now`, monotonic, until a retry has its turn; takes nothing."""
        self._refill(now)
        return max(0.0, (1 - self._tokens) / self._per_second)

    def withdraw(self, now: float) -> None:
        """Book a retry that will be made after `wait` seconds; may leave a debt that time pays off."""
        self.delayed += self.wait(now) > 0
        self.retries += 1
        self._tokens -= 1

    def _refill(self, now: float) -> None:
        if self._last is None or now > self._last:
            elapsed = 0.0 if self._last is None else now - self._last
            self._tokens = min(self._most, self._tokens + elapsed * self._per_second)
            self._last = now
