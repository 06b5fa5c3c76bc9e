"""One spec on one live book: callers share its rankings."""

import asyncio
from concurrent.futures import Executor

from mesh.telemetry.context import unpack_context
from scanner_server.filters.spec import ScanSpec
from scanner_server.live.activity import Activity
from scanner_server.live.ranked import Ranked
from scanner_server.live.ranker import Ranker
from scanner_server.live.shared import looked_at
from scanner_server.snapshot.book_snapshot import BookSnapshot

# Rankings that take longer than this are left to a thread.
QUICK_SECONDS = 0.003


class LiveScan:
    """Ranks one snapshot at a time: what is quick at once, all else on `executor`; of one event loop."""

    def __init__(self, spec: ScanSpec, most: int, executor: Executor, activity: Activity) -> None:
        """Begin without a ranking; at most `most` candidates are formed."""
        self.spec = spec
        self._ranker = Ranker(spec, most)
        self._executor = executor
        self._activity = activity
        self._update_seconds = 0.0
        self._running: asyncio.Task[Ranked] | None = None
        self._latest: Ranked | None = None
        self._last_known: Ranked | None = None

    def __repr__(self) -> str:
        return f"<LiveScan {self._ranker}>"

    async def on(self, snapshot: BookSnapshot) -> Ranked:
        """The ranking on a snapshot, or on a later one. Safe to cancel: the work goes on for others.

        Raises:
            TooManyCandidates: its leg filters leave more than a scan may form.
        """
        while self._latest is None or self._latest.snapshot.version < snapshot.version:
            if self._running is None and self._is_updated(snapshot):
                continue
            if self._running is None:
                self._running = asyncio.create_task(self._rank(snapshot))
                self._running.add_done_callback(looked_at)
            await asyncio.shield(self._running)
        return self._latest

    async def last_known(self, snapshot: BookSnapshot | None) -> Ranked | None:
        """The last ranking, or one on the last snapshot, marked stale; None where there is neither."""
        if self._latest is None and snapshot is not None:
            await self.on(snapshot)
        if self._latest is None:
            return None
        if self._last_known is None or self._last_known.snapshot is not self._latest.snapshot:
            self._last_known = self._latest.as_last_known()
        return self._last_known

    @property
    def is_busy(self) -> bool:
        """A ranking is being computed."""
        return self._running is not None

    async def close(self) -> None:
        """Wait for the work in progress."""
        if self._running is not None:
            await asyncio.gather(self._running, return_exceptions=True)

    def _is_updated(self, snapshot: BookSnapshot) -> bool:
        """Rank at once where little has changed: handing it to a thread would take longer."""
        updated = self._updated(snapshot) if self._update_seconds < QUICK_SECONDS else None
        if updated is not None:
            self._note(updated)
        return updated is not None

    def _updated(self, snapshot: BookSnapshot) -> Ranked | None:
        updated = self._ranker.update(snapshot)
        if updated is not None:
            self._update_seconds = updated.basis.scan_seconds
        return updated

    def _computed(self, snapshot: BookSnapshot) -> Ranked:
        return self._updated(snapshot) or self._ranker.rank(snapshot)

    async def _rank(self, snapshot: BookSnapshot) -> Ranked:
        try:
            loop = asyncio.get_running_loop()
            ranked = await loop.run_in_executor(self._executor, self._computed, snapshot)
        finally:
            self._running = None
        self._note(ranked)
        return ranked

    def _note(self, ranked: Ranked) -> None:
        self._latest = ranked
        span = unpack_context(ranked.basis.trace_context)
        self._activity.scan_seconds.record(ranked.basis.scan_seconds, span)
