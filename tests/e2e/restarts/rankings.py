"""What callers of the scanner see over a long time: no stream may end, no call may fail."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial
from typing import Final

from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.scan.v1.ranking_pb2 import Ranking
from spreadmesh.scan.v1.spec_pb2 import Range, ScanFilters, ScanSpec
from spreadmesh_client import Client, ScanStream

from tests.e2e.following import Followed, FollowedRankings
from tests.known_market import SYMBOL

SPEC: Final = ScanSpec(
    underlying=SYMBOL, filters=ScanFilters(days_to_expiration=Range(lower=1, upper=8)), limit=10
)
CALL_SECONDS: Final = 90.0
PAUSE_SECONDS: Final = 0.1


class WatchedRankings(Followed):
    """Fresh with a ranking that is."""

    def __init__(self) -> None:
        super().__init__("watched rankings")

    async def follow(self, rankings: AsyncGenerator[Ranking | Heartbeat, None]) -> None:
        async with aclosing(rankings):
            async for event in rankings:
                self._take(event)

    def _take(self, event: Ranking | Heartbeat) -> None:
        if isinstance(event, Heartbeat):
            if event.stale:
                self._note(fresh=False, flagged=True)
        else:
            self._note(fresh=bool(event.candidates) and not event.basis.stale, flagged=event.basis.stale)


class Scanning:
    """A program that reads many rankings at once, and asks for others all the time."""

    def __init__(self, client: Client, *, streams: int, watches: int) -> None:
        self._client = client
        self._streams = [client.scans.stream_scan(SPEC) for _ in range(streams)]
        self._streamed = [FollowedRankings() for _ in self._streams]
        self._watched = [WatchedRankings() for _ in range(watches)]
        self.answered = 0
        """Calls of RunScan."""
        self.empty = 0
        """Of them, without a single spread."""
        self.slowest = 0.0
        """Of them, seconds."""

    @property
    def readers(self) -> Sequence[Followed]:
        return [*self._streamed, *self._watched]

    @property
    def longest_gap(self) -> float:
        """Seconds without a fresh ranking, of the reader that waited longest."""
        return max(reader.longest_gap for reader in self.readers)

    async def run(self) -> None:
        """Until cancelled; whatever ends before is an error."""
        async with asyncio.TaskGroup() as tasks:
            for reader, stream in zip(self._streamed, self._streams, strict=True):
                tasks.create_task(reader.follow(stream))
            for watching in self._watched:
                tasks.create_task(watching.follow(self._client.scans.watch_scan(SPEC)))
            tasks.create_task(self._ask())

    async def _ask(self) -> None:
        while True:
            began = time.monotonic()
            response = await self._client.scans.run_scan(SPEC, timeout_seconds=CALL_SECONDS)
            self.slowest = max(self.slowest, time.monotonic() - began)
            self.answered += 1
            self.empty += not response.candidates
            await asyncio.sleep(PAUSE_SECONDS)

    def forget(self) -> None:
        """Measure from now on."""
        self.answered = self.empty = 0
        self.slowest = 0.0
        for reader in self.readers:
            reader.longest_gap = 0.0

    async def until_fresh(self, since: float, within: float) -> None:
        """Wait until every reader has had a fresh ranking after `since`."""
        for reader in self.readers:
            await reader.until("fresh", partial(reader.fresh_since, since), since, within)

    async def until_opened_anew(self, within: float) -> None:
        """Wait until every stream has gone on in another call than now."""
        wanted = [stream.calls + 1 for stream in self._streams]
        since = time.monotonic()
        for reader, stream, calls in zip(self._streamed, self._streams, wanted, strict=True):
            await reader.until("opened anew", partial(_has_begun, stream, calls), since, within)


def _has_begun(stream: ScanStream, calls: int) -> bool:
    return stream.calls >= calls
