"""Token bucket: a steady rate, and a burst for those who have been quiet."""


class TokenBucket:
    """In any t seconds at most `burst + rate * t` calls.

    Tokens grow by `rate` a second up to `burst`; a call takes one (Turner, "New directions in
    communications", IEEE Communications Magazine 24(10), 1986).
    """

    def __init__(self, rate: float, burst: float) -> None:
        """Start full: `rate` in calls per second, `burst` in calls, at least 1."""
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._last: float | None = None

    def __repr__(self) -> str:
        return f"<TokenBucket {self._tokens:.1f}/{self._burst:g} +{self._rate:g}/s>"

    @property
    def rate(self) -> float:
        """Calls per second in the long run."""
        return self._rate

    def set_rate(self, rate: float, now: float) -> None:
        """Grow by `rate` a second from `now` on; what has grown until then stays."""
        self._refill(now)
        self._rate = rate

    def acquire(self, now: float) -> float:
        """0.0 where a call may go ahead at `now`, in monotonic seconds; else the seconds until one may."""
        self._refill(now)
        if self._tokens < 1:
            return (1 - self._tokens) / self._rate
        self._tokens -= 1
        return 0.0

    def _refill(self, now: float) -> None:
        if self._last is None or now > self._last:
            elapsed = 0.0 if self._last is None else now - self._last
            self._tokens = min(self._burst, self._tokens + elapsed * self._rate)
            self._last = now
