"""What a program sees of a stream over a long time: whether it is fresh, and whether it is in order."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.market.v1.quotes_pb2 import LinesConfirmed, QuoteBatch
from spreadmesh_client import QuoteStream, RankingUpdate, ScanStream


@dataclass
class Order:
    """Holds each message to the contract: 1, 2, 3 … within an epoch, and no epoch twice."""

    epochs: list[int] = field(default_factory=list)
    sequence: int = 0

    def follow(self, epoch: int, sequence: int) -> bool:
        """Note a message; true if it begins an epoch."""
        begins = not self.epochs or epoch != self.epochs[-1]
        if begins:
            assert epoch not in self.epochs, f"epoch {epoch} was over"
            self.epochs.append(epoch)
            self.sequence = 0
        assert sequence == self.sequence + 1, f"{sequence} after {self.sequence} in epoch {epoch}"
        self.sequence = sequence
        return begins


class Followed:
    """One stream: its order, and since when it is fresh or stale."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.order = Order()
        self.is_fresh = False
        self.is_flagged = True
        self.longest_gap = 0.0
        """Seconds from one time that all was fresh to the next."""
        self._fresh_at: float | None = None
        self._changed = asyncio.Event()

    async def until_flagged(self, since: float, within: float) -> float:
        """Seconds from `since` until a program knows that what it has is stale."""
        return await self.until("flagged", lambda: self.is_flagged, since, within)

    async def until_fresh(self, since: float, within: float) -> float:
        """Seconds from `since` until everything that a program has is fresh."""
        return await self.until("fresh", lambda: self.is_fresh, since, within)

    def fresh_since(self, moment: float) -> bool:
        """Whether all that a program has is fresh, and was told after a moment, in monotonic seconds."""
        return self.is_fresh and self._fresh_at is not None and self._fresh_at > moment

    async def until(self, what: str, holds: Callable[[], bool], since: float, within: float) -> float:
        """Seconds from `since` until something holds; looked at with each event."""
        try:
            async with asyncio.timeout(since + within - time.monotonic()):
                while not holds():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"{self.name} not {what} within {within:g} s") from None
        return time.monotonic() - since

    def _note(self, *, fresh: bool, flagged: bool) -> None:
        self.is_fresh, self.is_flagged = fresh, flagged
        if fresh:
            now = time.monotonic()
            self.longest_gap = max(self.longest_gap, now - (self._fresh_at or now))
            self._fresh_at = now
        self._changed.set()


class FollowedQuotes(Followed):
    """Fresh when each contract is, flagged when each is or the stream says so of all."""

    def __init__(self, con_ids: list[int]) -> None:
        super().__init__("quotes")
        self._fresh = dict.fromkeys(con_ids, False)

    async def follow(self, stream: QuoteStream) -> None:
        async with stream as events:
            async for event in events:
                self._take(event)

    def _take(self, event: QuoteBatch | LinesConfirmed | Heartbeat) -> None:
        match event:
            case QuoteBatch():
                self.order.follow(event.epoch, event.sequence)
                rows = zip(event.con_id, event.stale, event.quote_time_us, strict=True)
                self._fresh |= {con_id: not stale and at > 0 for con_id, stale, at in rows}
            case Heartbeat(stale=True):
                self._fresh = dict.fromkeys(self._fresh, False)
        fresh = self._fresh.values()
        self._note(fresh=all(fresh), flagged=not any(fresh))


class FollowedRankings(Followed):
    """Fresh with a ranking that is; each epoch has to begin with a snapshot."""

    def __init__(self) -> None:
        super().__init__("rankings")

    async def follow(self, stream: ScanStream) -> None:
        async with stream as events:
            async for event in events:
                self._take(event)

    def _take(self, event: RankingUpdate | Heartbeat) -> None:
        if isinstance(event, Heartbeat):
            if event.stale:
                self._note(fresh=False, flagged=True)
            return
        if self.order.follow(event.epoch, event.sequence):
            assert event.changed == {candidate.candidate_id for candidate in event.ranking.candidates}
        is_stale = event.ranking.basis.stale
        self._note(fresh=bool(event.ranking.candidates) and not is_stale, flagged=is_stale)
