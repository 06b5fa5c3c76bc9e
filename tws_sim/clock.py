"""Two clocks: the one that paces the process, and the market's own, of another day and speed perhaps."""

import asyncio
import heapq
import itertools
import time
from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Seconds that pass for the process."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment; never goes back."""

    async def sleep(self, seconds: float) -> None:
        """Return once ``seconds`` have passed on this clock."""


class RealClock:
    """The machine's clock."""

    def monotonic(self) -> float:
        """Seconds of the machine's monotonic clock."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Sleep in the running event loop."""
        await asyncio.sleep(seconds)


class VirtualClock:
    """A clock that stands still until it is advanced."""

    def __init__(self) -> None:
        self._now = 0.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []

    def monotonic(self) -> float:
        """Seconds advanced so far."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait until :meth:`advance` has covered ``seconds``."""
        woken = asyncio.Event()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), woken))
        await woken.wait()

    def advance(self, seconds: float) -> None:
        """Move ``seconds`` ahead and wake whoever is due."""
        self._now += seconds
        while self._sleepers and self._sleepers[0][0] <= self._now:
            heapq.heappop(self._sleepers)[2].set()


class MarketClock:
    """Market time: starts at ``start`` when it is made and runs ``speed`` times as fast as ``clock``."""

    def __init__(self, clock: Clock, start: datetime, speed: float = 1.0) -> None:
        if start.tzinfo is None:
            raise ValueError("market time needs a time zone")
        if speed <= 0:
            raise ValueError("speed must be positive")
        self._clock = clock
        self._origin = clock.monotonic()
        self.start = start
        self.speed = speed

    def elapsed(self) -> float:
        """Market seconds since the start."""
        return (self._clock.monotonic() - self._origin) * self.speed

    def now(self) -> datetime:
        """Market time, in the zone of ``start``."""
        return self.start + timedelta(seconds=self.elapsed())
