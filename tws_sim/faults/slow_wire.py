"""A wire that delivers late or in pieces, each client's bytes in their order."""

import asyncio
import heapq
import itertools
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple
from weakref import WeakKeyDictionary, WeakSet

from tws_sim.clock import Clock
from tws_sim.output import Output


class _Piece(NamedTuple):
    due: float
    number: int
    output: Output
    data: bytes


class SlowWire:
    """A :class:`tws_sim.output.Wire`; ``run`` delivers for as long as its block lasts, then all at once."""

    def __init__(
        self, clock: Clock, *, delay: float = 0.0, jitter: float = 0.0, size: int = 0, interval: float = 0.0
    ) -> None:
        self._clock = clock
        self._delay, self._jitter = delay, jitter
        self._size, self._interval = size, interval
        self._chance = random.Random(1)  # noqa: S311 - a jitter that can be repeated
        self._pieces: list[_Piece] = []
        self._numbers = itertools.count()
        self._latest: WeakKeyDictionary[Output, float] = WeakKeyDictionary()
        self._outputs: WeakSet[Output] = WeakSet()
        self._more = asyncio.Event()

    def lay(self, output: Output) -> None:
        """Stand before a client's socket, unless another wire does."""
        if output.wire is None:
            output.wire = self
            self._outputs.add(output)

    def carry(self, output: Output, data: bytes) -> None:
        """Cut bytes into pieces and note when each is due."""
        late = self._delay + self._chance.uniform(-self._jitter, self._jitter)
        due = max(self._clock.monotonic() + late, self._latest.get(output, 0.0))
        size = self._size or len(data)
        for start in range(0, len(data), size):
            piece = _Piece(due, next(self._numbers), output, data[start : start + size])
            heapq.heappush(self._pieces, piece)
            self._latest[output] = due
            due += self._interval
        self._more.set()

    def hurry(self, output: Output) -> None:
        """Deliver everything that is on the way to a client."""
        own = sorted(piece for piece in self._pieces if piece.output is output)
        self._pieces = [piece for piece in self._pieces if piece.output is not output]
        heapq.heapify(self._pieces)
        for piece in own:
            output.arrive(piece.data)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver in time within the block; everything at its end."""
        async with asyncio.TaskGroup() as tasks:
            delivery = tasks.create_task(self._deliver())
            try:
                yield
            finally:
                delivery.cancel()
                for output in self._outputs:
                    self.hurry(output)
                    output.wire = None

    async def _deliver(self) -> None:
        while True:
            while not self._pieces:
                self._more.clear()
                await self._more.wait()
            early = self._pieces[0].due - self._clock.monotonic()
            if early > 0:
                await self._clock.sleep(early)
                continue
            piece = heapq.heappop(self._pieces)
            piece.output.arrive(piece.data)
            for _ in range(2):  # so that a reader in this process has its turn between two pieces
                await asyncio.sleep(0)
