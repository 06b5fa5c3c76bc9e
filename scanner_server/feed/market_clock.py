"""The market's time, between what the feed tells of it."""

import math
from collections.abc import Callable

SHORTEST_BASE_SECONDS = 0.5
FASTEST_MARKET = 1000.0
STEP_BACK_SECONDS = 60.0


class MarketClock:
    """Extrapolates market time with this machine's monotonic clock.

    now = told + speed x (monotonic now - monotonic when told). Answers to a ping are prompt: they set `told`,
    and two of them half a second or more apart set `speed` (1 until then; 0 where the market stands still). A
    batch may have waited on its way, so its header only moves the clock forward. The clock never goes back,
    unless the market itself does: by a minute or more, or at a new epoch of the feed. Then `era` counts up.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Start not knowing the time; `monotonic` gives seconds of this machine."""
        self._monotonic = monotonic
        self._told = math.nan
        self._told_at = 0.0
        self._speed = 1.0
        self._base: tuple[float, float] | None = None
        self._latest = -math.inf
        self._is_doubted = True
        self.era = 0

    def __repr__(self) -> str:
        return f"<MarketClock told={self._told} speed={self._speed:g} era={self.era}>"

    @property
    def speed(self) -> float:
        """Market seconds per second of this machine."""
        return self._speed

    def now(self) -> float:
        """Unix seconds of market time; NaN before the market was heard of."""
        if math.isnan(self._told):
            return math.nan
        self._latest = max(self._latest, self._extrapolated())
        return self._latest

    def answered(self, market_time: float) -> None:
        """Take the time in the answer to a ping, unix seconds."""
        if market_time < self._extrapolated() - STEP_BACK_SECONDS:
            self.restart()
        heard = self._monotonic()
        if self._base is None:
            self._base = (market_time, heard)
        elif heard - self._base[1] >= SHORTEST_BASE_SECONDS:
            speed = (market_time - self._base[0]) / (heard - self._base[1])
            self._speed = min(max(speed, 0.0), FASTEST_MARKET)
            self._base = (market_time, heard)
        self._tell(market_time, heard)

    def passed(self, market_time: float) -> None:
        """Take the time in the header of a batch or an answer, unix seconds: it is that late, or later."""
        if self._is_doubted or market_time > self._extrapolated():
            self._tell(market_time, self._monotonic())

    def restart(self) -> None:
        """Believe the next word on the market's time whatever it is, be it earlier."""
        self._is_doubted = True
        self._speed, self._base = 1.0, None
        self.era += 1

    def _tell(self, market_time: float, heard: float) -> None:
        if self._is_doubted:
            self._latest, self._is_doubted = -math.inf, False
        self._told, self._told_at = market_time, heard

    def _extrapolated(self) -> float:
        return self._told + self._speed * (self._monotonic() - self._told_at)
