"""One reader's side of a quote stream: what it follows, what it may be sent, and what it is sent next."""

import asyncio
import time
from collections import deque
from collections.abc import Iterable

from opentelemetry.trace import Span, SpanKind
from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.market.v1 import quotes_pb2 as pb

from ibkr_server.lines.lease import Lease
from ibkr_server.market import Market
from ibkr_server.quotes.batch import fill_batch
from ibkr_server.quotes.board import QuoteReader
from ibkr_server.quotes.confirmations import confirmation
from mesh.credits import Credits
from mesh.errors import quota_exceeded
from mesh.telemetry.batches import batch_span
from mesh.telemetry.context import pack_context
from mesh.telemetry.sampling import StreamSampler

HEARTBEAT_SECONDS = 5.0
MAX_CREDITS = 1024
MAX_CONFIRMATIONS = 1024
"""Confirmations that may wait to be sent before the stream is refused more contracts."""


class QuoteStream:
    """State of one stream. A batch is built only when a credit is at hand, out of the latest values."""

    def __init__(
        self, market: Market, owner: str, *, credits: int, greeks: bool, max_rows: int, span: Span
    ) -> None:
        self.epoch = time.time_ns()
        self.credits = Credits(MAX_CREDITS)
        self.credits.grant(credits)
        self.wake = asyncio.Event()
        self._market = market
        self._owner = f"{owner}#{self.epoch}"
        self._reader = QuoteReader(market.lines.book.capacity, self.wake)
        self._greeks = greeks
        self._max_rows = max_rows
        self._span = span
        self._sampler = StreamSampler(market.sampler)
        self._is_stalled = False
        self._sequence = 0
        self._conflated = 0
        self._confirmations: deque[pb.LinesConfirmed] = deque()
        market.watch_refusals(self, self._refused)

    def add(self, con_ids: Iterable[int], priority: int) -> None:
        """Follow contracts from now on and confirm what becomes of each.

        Raises:
            MeshError: RESOURCE_EXHAUSTED while too many confirmations have not been read.
        """
        if len(self._confirmations) >= MAX_CONFIRMATIONS:
            raise quota_exceeded("confirmations", "read them before adding more contracts", 1.0)
        wanted = list(con_ids)
        leases = [self._market.lines.want(self._owner, con_id, priority) for con_id in wanted]
        self._market.quotes.follow(self._reader, [lease.con_id for lease in leases if lease is not None])
        rotating = self._market.lines.book.rotating
        self._confirm(
            [
                confirmation(con_id, lease, rotating=rotating)
                for con_id, lease in zip(wanted, leases, strict=True)
            ]
        )

    def drop(self, con_ids: Iterable[int]) -> None:
        """Follow these no longer."""
        wanted = list(con_ids)
        self._market.lines.release(self._owner, wanted)
        self._market.quotes.unfollow(self._reader, wanted)

    def grant(self, credits: int) -> None:
        """Take permission to send more batches."""
        self.credits.grant(credits)
        self.wake.set()

    def next_confirmation(self) -> pb.LinesConfirmed | None:
        """The oldest confirmation not sent yet."""
        return self._confirmations.popleft() if self._confirmations else None

    async def write_batch(self, batch: pb.QuoteBatch) -> bool:
        """Wait for a turn, then fill an empty batch with the latest values of what has changed.

        False, and an untouched batch, without a change or without a credit.
        """
        if len(self._reader.dirty) and self.credits.available:
            await self._market.turns.take()
        if not len(self._reader.dirty) or not self._take_credit():
            return False
        began_ns, ages = self._reader.dirty_since_ns, self._market.quotes.traffic.batch_ages
        age = max(0, time.time_ns() - began_ns) / 1e9
        if not self._sampler.wants(age):
            ages.record(age)
            self._fill(batch)
            return True
        with batch_span(
            "quotes.send", stream=self._span, kind=SpanKind.PRODUCER, started_ns=began_ns
        ) as span:
            ages.record(age, span.get_span_context())
            self._fill(batch)
            batch.trace_context = pack_context(span.get_span_context())
            span.set_attributes({"quotes.rows": len(batch.con_id), "quotes.sequence": batch.sequence})
        return True

    def heartbeat(self) -> Heartbeat:
        """What to send after a silence."""
        beat = Heartbeat(stale=not self._market.link.ready)
        beat.silence.FromNanoseconds(int(self._market.silence_seconds() * 1e9))
        return beat

    def close(self) -> None:
        """The reader has gone: give back its lines."""
        self.credits.close()
        self._market.unwatch_refusals(self)
        self._market.lines.release_all(self._owner)
        self._market.quotes.close(self._reader)

    def _take_credit(self) -> bool:
        has_credit = self.credits.try_acquire()
        if not (has_credit or self._is_stalled):
            self._market.quotes.traffic.credit_stalls += 1
        self._is_stalled = not has_credit
        return has_credit

    def _fill(self, batch: pb.QuoteBatch) -> None:
        rows = self._reader.dirty.take(self._max_rows)
        conflated = self._reader.dirty.conflated
        self._sequence += 1
        batch.epoch = self.epoch
        batch.sequence = self._sequence
        batch.conflated = conflated - self._conflated
        batch.market_time.FromNanoseconds(int(self._market.now() * 1e9))
        fill_batch(batch, self._market.quotes.columns, rows, greeks=self._greeks)
        self._conflated = conflated
        traffic = self._market.quotes.traffic
        traffic.batches += 1
        traffic.rows += len(rows)
        traffic.conflated += batch.conflated

    def _refused(self, lease: Lease) -> None:
        if self._owner in lease.owners and len(self._confirmations) < MAX_CONFIRMATIONS:
            self._confirm([confirmation(lease.con_id, lease, rotating=False)])

    def _confirm(self, lines: Iterable[pb.LineConfirmation]) -> None:
        self._confirmations.append(pb.LinesConfirmed(lines=lines))
        self.wake.set()
