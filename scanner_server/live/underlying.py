"""One underlying: its live book, the scans that run on it and the rankings they share."""

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import partial

import numpy as np

from scanner_server.columns import Floats
from scanner_server.feed.batches import BatchColumns
from scanner_server.feed.feed import Feed
from scanner_server.filters.contracts import asked_contracts
from scanner_server.filters.spec import ScanSpec
from scanner_server.live.activity import Activity
from scanner_server.live.book import LiveBook
from scanner_server.live.live_scan import LiveScan
from scanner_server.live.ranked import Ranked
from scanner_server.live.ranker import key_of
from scanner_server.live.snapshots import Snapshots, SurfaceCadence
from scanner_server.snapshot.asked import expirations_of, priorities
from scanner_server.snapshot.listed_chain import ListedChain
from scanner_server.volatility.kind import VolatilityKind
from scanner_server.volatility.standing import NO_PAST, STANDING_FIGURES

KEPT_SCANS = 16


class LiveUnderlying:
    """Follows the feed while there are scans, and ranks on demand.

    Callers with the same spec share one computation, also one after another as long as the book has not
    changed. Belongs to one event loop; long computations run on `executor`.
    """

    def __init__(
        self,
        listed: ListedChain,
        feed: Feed,
        executor: Executor,
        cadence: SurfaceCadence,
        most_candidates: int,
        activity: Activity,
        monotonic: Callable[[], float],
        past_volatility: Callable[[str, VolatilityKind], Floats | None] = lambda _symbol, _kind: NO_PAST,
    ) -> None:
        self.book = LiveBook(listed)
        self._past_volatility = partial(past_volatility, listed.chain.symbol)
        self._past_volatility(VolatilityKind.IMPLIED)  # on its way before the first surface asks for it
        self._feed = feed
        self._executor = executor
        self._most_candidates = most_candidates
        self._activity = activity
        self._snapshots = Snapshots(
            self.book,
            cadence,
            executor,
            market_now=feed.clock.now,
            monotonic=monotonic,
            on_surface=self.wake,
            past_volatility=self._past,
        )
        self._scans: dict[Hashable, LiveScan] = {}
        self._kept: dict[Hashable, LiveScan] = {}
        self._leaving: list[LiveScan] = []
        self._users: Counter[Hashable] = Counter()
        self._wakes: dict[object, Callable[[], None]] = {}

    def __repr__(self) -> str:
        return f"<LiveUnderlying {self.symbol} scans={self._users.total()} specs={len(self._scans)}>"

    @property
    def symbol(self) -> str:
        """Ticker of the underlying."""
        return self.book.listed.chain.symbol

    @property
    def is_idle(self) -> bool:
        """No scan runs on it."""
        return not self._scans

    @contextmanager
    def scanning(self, spec: ScanSpec, wake: Callable[[], None]) -> Iterator[None]:
        """Keep the contracts of a spec subscribed; `wake` is called when the book or the feed changes."""
        key, ticket = key_of(spec), object()
        self._users[key] += 1
        self._wakes[ticket] = wake
        if key not in self._scans:
            kept = self._kept.pop(key, None)
            self._scans[key] = kept or LiveScan(spec, self._most_candidates, self._executor, self._activity)
            self._subscribe(key, spec)
            self._past(VolatilityKind.REALIZED)
        try:
            yield
        finally:
            del self._wakes[ticket]
            self._users[key] -= 1
            if not self._users[key]:
                del self._users[key]
                self._keep(key, self._scans.pop(key))
                self._feed.release((self.symbol, key))

    async def rank(self, spec: ScanSpec) -> Ranked | None:
        """The ranking of a spec that is being scanned; None while there is no spot price.

        While the feed is away, the last ranking known, marked stale. Safe to cancel.

        Raises:
            TooManyCandidates: its leg filters leave more than a scan may form.
        """
        scan = self._scans[key_of(spec)]
        if self._feed.is_stale:
            return await scan.last_known(self._snapshots.latest)
        snapshot = await self._snapshots.current()
        return None if snapshot is None else await scan.on(snapshot)

    def news_at(self, ranked: Ranked | None) -> float:
        """From when, in monotonic seconds, `rank` gives something newer than `ranked`."""
        if self._feed.is_stale:
            is_told = ranked is not None and ranked.is_last_known
            return math.inf if is_told or self._snapshots.latest is None else -math.inf
        if math.isnan(self.book.quotes.underlying.spot):
            return math.inf
        if ranked is None or ranked.is_last_known or ranked.snapshot.book.changes != self.book.changes:
            return -math.inf
        if ranked.snapshot is not self._snapshots.latest:
            return -math.inf
        return self._snapshots.surface_due_at

    def coverage(self, spec: ScanSpec) -> float:
        """Share of the contracts asked for that have had a quote, 0 to 1; 1 where none is asked for."""
        asked = asked_contracts(self.book.listed.chain, self._feed.clock.now(), spec)
        return float(self.book.quotes.quoted[asked].mean()) if asked.any() else 1.0

    @property
    def has_spot(self) -> bool:
        """Whether the underlying has a price, now or in the last snapshot."""
        return self._snapshots.latest is not None or not math.isnan(self.book.quotes.underlying.spot)

    async def has_volatility(self, spec: ScanSpec) -> bool:
        """Whether one of the expirations asked for has an at-the-money volatility, or none is asked for."""
        snapshot = self._snapshots.latest if self._feed.is_stale else await self._snapshots.current()
        if snapshot is None:
            return False
        chain = snapshot.book.listed.chain
        asked = expirations_of(chain, asked_contracts(chain, snapshot.book.market_time, spec))
        return not asked.any() or bool(np.isfinite(snapshot.surface.atm_iv[asked]).any())

    async def has_past(self, spec: ScanSpec) -> bool:
        """Whether a spec that asks for what the past gives need not wait for it."""
        ranks = spec.rank_by in STANDING_FIGURES or not STANDING_FIGURES.isdisjoint(spec.ranges)
        if self._feed.is_stale:
            return True
        return (not ranks or await self._snapshots.has_past(VolatilityKind.IMPLIED)) and (
            not spec.forecast_realized or await self._snapshots.has_past(VolatilityKind.REALIZED)
        )

    def apply(self, batch: BatchColumns) -> None:
        """Take a batch of the feed."""
        if self.book.apply(batch):
            self.wake()

    def lost(self) -> None:
        """The feed is gone: what it told can't be relied on until it is told again."""
        self.book.distrust()

    def replace_chain(self, listed: ListedChain) -> None:
        """Change to another list of contracts, and subscribe what the scans ask for in it."""
        self.book.replace_chain(listed, self._feed.clock.now())
        for key, scan in self._scans.items():
            self._subscribe(key, scan.spec)
        self.wake()

    def wake(self) -> None:
        """Tell every scan to look again."""
        for wake in self._wakes.values():
            wake()

    async def close(self) -> None:
        """Wait for the computations in progress."""
        await self._snapshots.close()
        scans = (*self._scans.values(), *self._kept.values(), *self._leaving)
        await asyncio.gather(*(scan.close() for scan in scans))

    def _past(self, kind: VolatilityKind) -> Floats | None:
        """Volatilities before today, realized ones only where a scan uses them; None while not known."""
        is_used = kind is VolatilityKind.IMPLIED or any(
            s.spec.forecast_realized for s in self._scans.values()
        )
        return self._past_volatility(kind) if is_used else None

    def _keep(self, key: Hashable, scan: LiveScan) -> None:
        """Keep what a scan knows for the next one of the same spec; the one kept longest makes room."""
        self._kept[key] = scan
        if len(self._kept) > KEPT_SCANS:
            oldest = self._kept.pop(next(iter(self._kept)))
            self._leaving = [scan for scan in (*self._leaving, oldest) if scan.is_busy]

    def _subscribe(self, key: Hashable, spec: ScanSpec) -> None:
        wanted = priorities(self.book.listed, self._feed.clock.now(), spec)
        self._feed.want((self.symbol, key), wanted)
