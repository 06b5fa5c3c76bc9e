"""When snapshots of a live book are taken, and when a new surface is due."""

import asyncio
import math
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial

from scanner_server.columns import Floats
from scanner_server.live.book import LiveBook
from scanner_server.live.shared import looked_at
from scanner_server.snapshot.book_snapshot import BookSnapshot, on_new_surface, on_same_surface
from scanner_server.surface.surface import SurfaceSettings
from scanner_server.volatility.kind import VolatilityKind
from scanner_server.volatility.standing import NO_PAST

# A surface that is older than so many intervals, or so many moves of spot away, is not served any more while
# the next is being taken.
MOST_INTERVALS, MOST_MOVES = 2.0, 5.0


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

    def moves(self, spot: float, since: float) -> float:
        """How far spot is from where it was; 1 calls for a surface."""
        return abs(spot / since - 1) / self.move


class Snapshots:
    """The newest snapshot of one live book; callers that ask at the same time share it.

    Surfaces are taken on `executor`, from copies: meanwhile batches are applied, and callers are served on
    the surface before. What has changed since a surface was taken is valued on it at once.
    """

    def __init__(
        self,
        book: LiveBook,
        cadence: SurfaceCadence,
        executor: Executor,
        *,
        market_now: Callable[[], float],
        monotonic: Callable[[], float],
        on_surface: Callable[[], None] = lambda: None,
        past_volatility: Callable[[VolatilityKind], Floats | None] = lambda _kind: NO_PAST,
    ) -> None:
        """Start without any; `on_surface` is called when another surface is there.

        `past_volatility` gives the volatilities of the days before today; None while they aren't known.
        """
        self._book = book
        self._cadence = cadence
        self._executor = executor
        self._market_now = market_now
        self._monotonic = monotonic
        self._on_surface = on_surface
        self._past_volatility = past_volatility
        self._surfaces_taken = 0
        self._surface_at = self._latest_surface_at = -math.inf
        self._surface: asyncio.Task[None] | None = None
        self.latest: BookSnapshot | None = None

    @property
    def surface_due_at(self) -> float:
        """When, in monotonic seconds, the next surface is due even if no quote comes."""
        return self._surface_at + self._cadence.interval

    async def current(self) -> BookSnapshot | None:
        """The book as it is now; without a spot price the last snapshot, None before the first.

        Waits for a surface only where the one at hand is of another chain, or overdue. Safe to cancel.
        """
        if math.isnan(self._book.quotes.underlying.spot):
            return self.latest
        while True:
            if self._surface is None and self._needs_surface():
                self._surface_at = self._monotonic()
                self._surfaces_taken += 1
                self._surface = asyncio.create_task(self._take_surface())
                self._surface.add_done_callback(looked_at)
            if self._surface is None or self._is_usable_meanwhile():
                return self._moved_on()
            await asyncio.shield(self._surface)

    async def has_past(self, kind: VolatilityKind) -> bool:
        """Whether the snapshot tells what the past of a kind gives, or that there is none.

        Where the history has come since it was taken, another one is taken before it's due.
        """
        snapshot = await self.current()
        if snapshot is None or snapshot.tells(kind):
            return snapshot is not None
        if self._past_volatility(kind) is not None and self._surface is None:
            self._surface_at = -math.inf
            await self.current()
        return False

    async def close(self) -> None:
        """Wait for the work in progress."""
        if self._surface is not None:
            await asyncio.gather(self._surface, return_exceptions=True)

    def _needs_surface(self) -> bool:
        latest = self.latest
        return (
            latest is None
            or latest.book.listed is not self._book.listed
            or self._monotonic() >= self.surface_due_at
            or self._moves_since(latest) >= 1
        )

    def _is_usable_meanwhile(self) -> bool:
        """Whether the latest snapshot serves while a surface is being taken."""
        latest = self.latest
        if latest is None or latest.book.listed is not self._book.listed:
            return False
        good_until = self._latest_surface_at + MOST_INTERVALS * self._cadence.interval
        return self._monotonic() < good_until and self._moves_since(latest) < MOST_MOVES

    def _moves_since(self, snapshot: BookSnapshot) -> float:
        return self._cadence.moves(self._book.quotes.underlying.spot, snapshot.surface.spot)

    def _moved_on(self) -> BookSnapshot | None:
        """The latest surface with the quotes of now."""
        latest = self.latest
        if latest is not None and latest.book.changes != self._book.changes:
            self.latest = on_same_surface(latest, self._book.copied(self._market_now()))
        return self.latest

    async def _take_surface(self) -> None:
        copy, at = self._book.copied(self._market_now()), self._surface_at
        pasts = [self._past_volatility(kind) for kind in (VolatilityKind.IMPLIED, VolatilityKind.REALIZED)]
        taking = partial(on_new_surface, copy, self._surfaces_taken, self._cadence.settings, *pasts)
        try:
            self.latest = await asyncio.get_running_loop().run_in_executor(self._executor, taking)
            self._latest_surface_at = at
        finally:
            self._surface = None
        self._on_surface()
