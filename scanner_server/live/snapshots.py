"""When snapshots of a live book are taken, and when a new surface is due."""

import asyncio
import math
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field

from scanner_server.live.book import LiveBook
from scanner_server.snapshot.book_snapshot import BookSnapshot, CopiedBook, on_new_surface, on_same_surface
from scanner_server.surface.surface import SurfaceSettings


@dataclass(frozen=True, slots=True)
class SurfaceCadence:
    """How often surfaces are taken, in seconds of this machine, as it bounds the work and not the truth.

    Attributes:
        interval: seconds from one surface to the next.
        move: change of spot, as a fraction, that calls for one sooner.
        settings: rate and dividend yield.
    """

    interval: float = 0.25
    move: float = 0.0002
    settings: SurfaceSettings = field(default_factory=SurfaceSettings)

    def is_moved(self, spot: float, since: float) -> bool:
        """Whether spot is far enough from where it was."""
        return abs(spot / since - 1) >= self.move


class Snapshots:
    """The newest snapshot of one live book; callers that ask at the same time share the work of the next.

    The work runs on `executor`, on copies, so that batches are applied meanwhile.
    """

    def __init__(
        self,
        book: LiveBook,
        cadence: SurfaceCadence,
        executor: Executor,
        *,
        market_now: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._book = book
        self._cadence = cadence
        self._executor = executor
        self._market_now = market_now
        self._monotonic = monotonic
        self._surfaces_taken = 0
        self._surface_at = -math.inf
        self._next: asyncio.Task[BookSnapshot] | None = None
        self.latest: BookSnapshot | None = None

    @property
    def surface_due_at(self) -> float:
        """When, in monotonic seconds, the next surface is due even if no quote comes."""
        return self._surface_at + self._cadence.interval

    async def current(self) -> BookSnapshot | None:
        """The book as it is now; without a spot price the last snapshot, None before the first.

        Where a snapshot is being computed already, that one. Safe to cancel: the work goes on for others.
        """
        if self._next is None:
            if self.latest is not None and not self._is_outdated(self.latest):
                return self.latest
            if math.isnan(self._book.quotes.underlying.spot):
                return self.latest
            self._next = asyncio.create_task(self._take())
        return await asyncio.shield(self._next)

    async def close(self) -> None:
        """Wait for the work in progress."""
        if self._next is not None:
            await asyncio.gather(self._next, return_exceptions=True)

    def _is_outdated(self, snapshot: BookSnapshot) -> bool:
        return snapshot.book.changes != self._book.changes or self._monotonic() >= self.surface_due_at

    def _needs_surface(self, before: BookSnapshot) -> bool:
        return (
            before.book.listed is not self._book.listed
            or self._monotonic() >= self.surface_due_at
            or self._cadence.is_moved(self._book.quotes.underlying.spot, before.surface.spot)
        )

    async def _take(self) -> BookSnapshot:
        before = self.latest
        self.latest = None  # if this fails, the rows that were dirty are lost: start anew
        try:
            self.latest = await self._taken(before)
            return self.latest
        finally:
            self._next = None

    async def _taken(self, before: BookSnapshot | None) -> BookSnapshot:
        loop = asyncio.get_running_loop()
        needs_surface = before is None or self._needs_surface(before)
        quotes, origin, dirty, trace_context = self._book.copied()
        copy = CopiedBook(
            self._book.listed, quotes, origin, dirty, self._market_now(), self._book.changes, trace_context
        )
        if before is not None and not needs_surface:
            return await loop.run_in_executor(self._executor, on_same_surface, before, copy)
        self._surface_at = self._monotonic()
        self._surfaces_taken += 1
        return await loop.run_in_executor(
            self._executor, on_new_surface, copy, self._surfaces_taken, self._cadence.settings
        )
