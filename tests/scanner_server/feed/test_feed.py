"""The feed against a scripted sender, over a real channel."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from opentelemetry.trace import SpanContext, TraceFlags
from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceStub
from spreadmesh.market.v1.quotes_pb2 import QuoteBatch

from mesh.channel import open_channel
from mesh.errors import unavailable
from mesh.telemetry.context import pack_context, unpack_context
from scanner_server.feed import session as session_module
from scanner_server.feed.backoff import backoff_seconds
from scanner_server.feed.batches import BatchColumns
from scanner_server.feed.feed import Feed
from scanner_server.feed.market_clock import MarketClock
from scanner_server.feed.wanted import Wanted
from tests.scanner_server.scripted_market import NOON, SHARE, ScriptedMarket, serve_market

CREDITS = 4


class Sink:
    """Collects what the feed hands on, and lets a test wait for it."""

    def __init__(self) -> None:
        self.batches: list[BatchColumns] = []
        self.losses = 0
        self._changed = asyncio.Event()

    def apply(self, batch: BatchColumns) -> None:
        self.batches.append(batch)
        self._changed.set()

    def lost(self) -> None:
        self.losses += 1

    def wake(self) -> None:
        self._changed.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not holds():
                self._changed.clear()
                await self._changed.wait()


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def market() -> ScriptedMarket:
    return ScriptedMarket()


async def no_wait(_seconds: float) -> None:
    await asyncio.sleep(0)


@pytest.fixture
async def feed(market: ScriptedMarket, sink: Sink) -> AsyncIterator[Feed]:
    host = asyncio.get_running_loop().time
    async with serve_market(market) as address, open_channel(address) as channel:
        feed = Feed(
            MarketDataServiceStub(channel),
            Wanted(0.0, host),
            MarketClock(host),
            owner="test",
            credits_count=CREDITS,
            on_connected=lambda _: None,
            monotonic=host,
            sleep=no_wait,
        )
        running = asyncio.create_task(feed.run(sink))
        try:
            yield feed
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_opens_with_its_credits_and_asks_for_what_is_wanted(feed: Feed, market: ScriptedMarket) -> None:
    feed.want("scan", {SHARE: 100, 101: 60})
    stream = await market.opened()
    await market.until(lambda: stream.asked == {SHARE: 100, 101: 60})
    assert (stream.owner, stream.credits) == ("test", CREDITS)
    feed.want("scan", {101: 20})
    await market.until(lambda: stream.asked == {101: 20})
    feed.release("scan")
    await market.until(lambda: stream.asked == {})


async def test_gives_a_credit_back_for_each_batch(feed: Feed, market: ScriptedMarket, sink: Sink) -> None:
    stream = await market.opened()
    for _ in range(3 * CREDITS):
        await market.until(lambda: stream.credits > 0)
        stream.send_quotes([SHARE, 101])
    await sink.until(lambda: len(sink.batches) == 3 * CREDITS)
    await market.until(lambda: stream.granted == 3 * CREDITS)
    assert stream.credits == CREDITS
    assert feed.counts.batches == 3 * CREDITS
    assert feed.counts.rows == 6 * CREDITS


async def test_comes_back_and_asks_again_for_everything(
    feed: Feed, market: ScriptedMarket, sink: Sink
) -> None:
    feed.want("scan", {101: 60, 102: 60})
    stream = await market.opened()
    await market.until(lambda: len(stream.asked) == 2)
    await sink.until(lambda: not feed.is_stale)
    stream.break_off(unavailable("restarting", 1.0))
    second = await market.opened(2)
    await market.until(lambda: second.asked == {101: 60, 102: 60})
    second.break_off()
    await market.opened(3)
    await sink.until(lambda: feed.is_connected and not feed.is_stale)
    assert feed.counts.connections == 3
    assert sink.losses == 2


async def test_another_epoch_begins_another_era(feed: Feed, market: ScriptedMarket, sink: Sink) -> None:
    stream = await market.opened()
    await sink.until(lambda: feed.is_connected)
    market.epoch, market.now = 8, NOON - 86_400
    stream.break_off()
    second = await market.opened(2)
    await market.until(lambda: second.credits > 0)
    second.send_quotes([SHARE])
    await sink.until(lambda: len(sink.batches) == 1)
    assert feed.clock.era == 1
    assert NOON - 86_400 <= feed.clock.now() < NOON - 86_000


async def test_only_a_quote_that_can_be_relied_on_shows_that_the_gateway_is_back(
    feed: Feed, market: ScriptedMarket, sink: Sink
) -> None:
    stream = await market.opened()
    stream.send_heartbeat(stale=True)
    await sink.until(lambda: feed.is_connected and feed.is_stale)
    stream.send_quotes([SHARE, 101], stale=[SHARE, 101])
    await sink.until(lambda: len(sink.batches) == 1)
    assert feed.is_stale
    stream.send_quotes([SHARE, 101], stale=[SHARE])
    await sink.until(lambda: not feed.is_stale)
    assert [columns.stale.tolist() for columns in sink.batches] == [[True, True], [True, False]]
    assert sink.losses == 0


async def test_counts_gaps_and_goes_on(feed: Feed, market: ScriptedMarket, sink: Sink) -> None:
    stream = await market.opened()
    stream.send_quotes([SHARE])
    stream.send_quotes([SHARE], sequence=5, conflated=3)
    await sink.until(lambda: len(sink.batches) == 2)
    assert (feed.counts.gaps, feed.counts.missed, feed.counts.conflated) == (1, 3, 3)
    assert len(market.streams) == 1


async def test_a_heartbeat_tells_that_the_gateway_is_away(
    feed: Feed, market: ScriptedMarket, sink: Sink
) -> None:
    stream = await market.opened()
    stream.send_heartbeat(stale=True)
    await sink.until(lambda: feed.is_connected and feed.is_stale)
    stream.send_quotes([SHARE])
    await sink.until(lambda: not feed.is_stale)


async def test_leaves_a_peer_that_falls_silent(
    feed: Feed, market: ScriptedMarket, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = await market.opened()
    await sink.until(lambda: feed.is_connected)
    stream.says_pong = False
    monkeypatch.setattr(session_module, "SILENCE_SECONDS", 0.05)
    await sink.until(lambda: not feed.is_connected)
    monkeypatch.undo()
    await market.opened(2)


async def test_a_malformed_batch_begins_a_new_stream(feed: Feed, market: ScriptedMarket, sink: Sink) -> None:
    stream = await market.opened()
    stream.send_batch(QuoteBatch(con_id=[1, 2], bid=[1.0]))
    await market.opened(2)
    assert sink.batches == []


async def test_notes_the_contracts_that_were_refused(feed: Feed, market: ScriptedMarket, sink: Sink) -> None:
    stream = await market.opened()
    stream.refused = {102, 103}
    feed.want("scan", {101: 60, 102: 60, 103: 60})
    await market.until(lambda: len(stream.asked) == 3)
    stream.send_quotes([101])
    await sink.until(lambda: len(sink.batches) == 1)
    assert feed.counts.refused == 2


async def test_hands_on_the_trace_of_a_sampled_batch(feed: Feed, market: ScriptedMarket, sink: Sink) -> None:
    sampled = SpanContext(trace_id=0xABC, span_id=0xDEF, is_remote=True, trace_flags=TraceFlags(1))
    stream = await market.opened()
    stream.send_quotes([SHARE], trace_context=pack_context(sampled))
    stream.send_quotes([SHARE])
    await sink.until(lambda: len(sink.batches) == 2)
    first, second = (batch.trace_context for batch in sink.batches)
    assert unpack_context(first).trace_id == sampled.trace_id
    assert second == b""


async def test_connects_when_the_server_comes_up_late(sink: Sink) -> None:
    market, host = ScriptedMarket(), asyncio.get_running_loop().time
    async with serve_market(market) as address:
        port = int(address.rpartition(":")[2])
    attempts = asyncio.Queue[float]()

    async def pause(seconds: float) -> None:
        attempts.put_nowait(seconds)
        await asyncio.sleep(seconds)

    async with open_channel(address, options=(("grpc.max_reconnect_backoff_ms", 100),)) as channel:
        clock, wanted = MarketClock(host), Wanted(0.0, host)
        stub = MarketDataServiceStub(channel)
        feed = Feed(
            stub,
            wanted,
            clock,
            owner="t",
            credits_count=4,
            on_connected=lambda _: None,
            monotonic=host,
            sleep=pause,
        )
        running = asyncio.create_task(feed.run(sink))
        async with asyncio.timeout(20):
            await attempts.get()
        assert not feed.is_connected
        async with serve_market(market, port):
            await market.opened()
            await sink.until(lambda: feed.is_connected)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def test_waits_double_up_to_a_limit() -> None:
    assert [backoff_seconds(failures, 0.0) for failures in range(4)] == [0.1, 0.2, 0.4, 0.8]
    assert backoff_seconds(60, 0.0) == 2.0
    assert backoff_seconds(60, 0.999) == pytest.approx(1.0, rel=1e-2)
