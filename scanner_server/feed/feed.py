"""The feed: a stream of quotes that is always being held open, and what it is known to be worth."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from logging import INFO, WARNING
from typing import TYPE_CHECKING

import grpc
from opentelemetry.trace import SpanKind
from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.market.v1.quotes_pb2 import LinesConfirmed, LineState, QuoteBatch

from mesh.logging import get_logger
from mesh.telemetry.batches import batch_span
from mesh.telemetry.context import pack_context
from scanner_server.feed.backoff import backoff_seconds
from scanner_server.feed.batches import BatchColumns, MalformedBatch
from scanner_server.feed.counts import FeedCounts
from scanner_server.feed.market_clock import MarketClock
from scanner_server.feed.session import FeedSession
from scanner_server.feed.sink import Sink
from scanner_server.feed.wanted import Wanted
from scanner_server.translation.times import seconds_of

if TYPE_CHECKING:  # the name exists in the types alone
    from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceAsyncStub

TAKEN = (LineState.LINE_STATE_STREAMING, LineState.LINE_STATE_ROTATING)

log = get_logger(__name__)


class Feed:
    """Holds one quote stream to ibkr_server open for ever; after each reconnect adds again what is wanted.

    Attributes:
        clock: the market's time.
        is_connected: the stream is up.
        spoke_at: when the feed was heard last, monotonic seconds; at first when this was made.
        is_stale: the stream, or the gateway behind it, is away: what was heard last may no longer be true.
    """

    def __init__(
        self,
        stub: "MarketDataServiceAsyncStub",
        wanted: Wanted,
        clock: MarketClock,
        *,
        owner: str,
        credits_count: int,
        on_connected: Callable[[bool], None],
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Prepare; `run` connects.

        Args:
            stub: ibkr_server.
            wanted: the contracts to subscribe.
            clock: told of the market's time.
            owner: who we are, for the list of lines.
            credits_count: batches that may be under way to us.
            on_connected: told when `is_connected` changes.
            monotonic: seconds of this machine.
            sleep: how to wait between attempts to connect.
        """
        self.clock = clock
        self.is_connected = False
        self.is_stale = True
        self._stub = stub
        self._wanted = wanted
        self._owner = owner
        self._credits_count = credits_count
        self._on_connected = on_connected
        self._monotonic = monotonic
        self.spoke_at = monotonic()
        self._sleep = sleep
        self._sink: Sink
        self._session: FeedSession | None = None
        self._failures = 0
        self._epoch: int | None = None
        self._sequence = 0
        self.counts = FeedCounts()

    def __repr__(self) -> str:
        state = "stale" if self.is_stale else "fresh"
        return f"<Feed connected={self.is_connected} {state} epoch={self._epoch} sequence={self._sequence}>"

    def silence_seconds(self) -> float:
        """Seconds of this machine since the feed was heard last."""
        return self._monotonic() - self.spoke_at

    def want(self, owner: Hashable, priorities: Mapping[int, int]) -> None:
        """Subscribe to contracts (priority by con_id) in place of what `owner` wanted before."""
        self._wanted.want(owner, priorities)
        if self._session is not None:
            self._session.look_again()

    def release(self, owner: Hashable) -> None:
        """Let an owner's contracts linger and then go."""
        self._wanted.release(owner)
        if self._session is not None:
            self._session.look_again()

    def forget(self, con_ids: Iterable[int]) -> None:
        """Let none of these linger."""
        self._wanted.forget(con_ids)
        if self._session is not None:
            self._session.look_again()

    async def run(self, sink: Sink) -> None:
        """Connect, hand what is heard to `sink`, and connect again, until cancelled."""
        self._sink = sink
        while True:
            try:
                await self._talk()
            except (grpc.RpcError, TimeoutError, MalformedBatch) as error:
                # One warning for each loss: the attempts that follow come every few seconds.
                log.log(INFO if self._failures else WARNING, "feed lost", error=_reason(error))
            finally:
                self._set_state(connected=False, stale=True)
            await self._sleep(backoff_seconds(self._failures, random.random()))  # noqa: S311 - jitter
            self._failures += 1

    async def _talk(self) -> None:
        self._session = FeedSession(
            self._stub, self, self._wanted.priorities, owner=self._owner, credits_count=self._credits_count
        )
        try:
            await self._session.run()
        finally:
            self._session = None

    def on_response(self) -> None:
        """Note that the feed has spoken."""
        self.spoke_at = self._monotonic()

    def on_opened(self, epoch: int) -> None:
        """The stream is up: sequences start anew, and at another epoch so does the market's time."""
        if self._epoch is not None and epoch != self._epoch:
            self.clock.restart()
        self._epoch, self._sequence, self._failures = epoch, 0, 0
        self.counts.connections += 1
        log.info("feed opened", epoch=epoch)
        self._set_state(connected=True, stale=False)

    def on_confirmed(self, confirmed: LinesConfirmed) -> None:
        """Note the contracts that were refused: they will never be quoted."""
        refused = Counter(LineState.Name(line.state) for line in confirmed.lines if line.state not in TAKEN)
        self.counts.refused += refused.total()
        if refused:
            log.warning("contracts refused", **refused)

    def on_batch(self, batch: QuoteBatch) -> None:
        """Hand the rows on, inside a span where the batch has one."""
        self._count(batch)
        self.clock.passed(seconds_of(batch.market_time))
        if batch.trace_context:
            with batch_span("quotes.ingest", carried=batch.trace_context, kind=SpanKind.CONSUMER) as span:
                columns = BatchColumns.of(batch, pack_context(span.get_span_context()))
                self._sink.apply(columns)
        else:
            columns = BatchColumns.of(batch)
            self._sink.apply(columns)
        if self.is_stale and not columns.stale.all():
            self._set_state(connected=True, stale=False)

    def on_pong(self, market_time: float) -> None:
        """Set the clock."""
        self.clock.answered(market_time)

    def on_heartbeat(self, heartbeat: Heartbeat) -> None:
        """Learn whether the gateway is away."""
        if heartbeat.stale != self.is_stale:
            self._set_state(connected=True, stale=heartbeat.stale)

    def _count(self, batch: QuoteBatch) -> None:
        # A gap loses nothing for good: rows carry whole quotes, and the sender still has the newest of each.
        missed = batch.sequence - self._sequence - 1
        if missed:
            self.counts.gaps += 1
            self.counts.missed += max(missed, 0)
            log.warning("gap in the feed", after=self._sequence, then=batch.sequence)
        self._sequence = batch.sequence
        self.counts.batches += 1
        self.counts.rows += len(batch.con_id)
        self.counts.conflated += batch.conflated

    def _set_state(self, *, connected: bool, stale: bool) -> None:
        was_connected, self.is_connected, self.is_stale = self.is_connected, connected, stale
        if connected != was_connected:
            self._on_connected(connected)
            if not connected:
                self._sink.lost()
        self._sink.wake()


def _reason(error: BaseException) -> str:
    if isinstance(error, grpc.aio.AioRpcError):
        return f"{error.code().name}: {error.details()}"
    return str(error) or type(error).__name__
