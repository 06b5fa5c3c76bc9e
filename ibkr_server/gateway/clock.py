"""The market clock: the gateway's own time, estimated between its answers."""

from collections import deque

WINDOW_SECONDS = 120.0
MIN_SPAN_SECONDS = 2.0


class MarketClock:
    """Market time from whole seconds told by the gateway, and how fast it runs.

    A gateway tells time in whole seconds, cut off, so each answer is a lower bound. At a real gateway market
    time runs like ours; in a replay it may run faster, so the speed is measured, and taken as 1 where the
    answers do not contradict that. The estimate is the highest of the lower bounds and never runs backwards.
    """

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float]] = deque(maxlen=256)
        self._speed = 1.0
        self._latest = 0.0

    @property
    def known(self) -> bool:
        """Whether the gateway has told its time at least once."""
        return bool(self._samples)

    @property
    def speed(self) -> float:
        """Market seconds per second of the host."""
        return self._speed

    def observe(self, gateway_seconds: float, host_seconds: float) -> None:
        """Take an answer of the gateway, received when the host's monotonic clock showed `host_seconds`.

        A step backwards of more than a minute is another market: the clock starts anew.
        """
        if self.known and gateway_seconds < self.now(host_seconds) - 60.0 * max(self._speed, 1.0):
            self._samples.clear()
            self._latest = 0.0
        self._samples.append((gateway_seconds, host_seconds))
        while host_seconds - self._samples[0][1] > WINDOW_SECONDS:
            self._samples.popleft()
        self._speed = self._estimate_speed()

    def now(self, host_seconds: float) -> float:
        """Market time in seconds since 1970 UTC; 0 before the gateway has told its time."""
        if not self._samples:
            return 0.0
        estimate = max(told + self._speed * (host_seconds - at) for told, at in self._samples)
        self._latest = max(self._latest, estimate)
        return self._latest

    def _estimate_speed(self) -> float:
        first_told, first_at = self._samples[0]
        last_told, last_at = self._samples[-1]
        span = last_at - first_at
        if span < MIN_SPAN_SECONDS:
            return self._speed
        measured = (last_told - first_told) / span
        return 1.0 if abs(measured - 1.0) <= 1.0 / span else measured
