"""The client library's stream over real servers: it goes on after a break, begins anew after a restart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.scan.v1.spec_pb2 import ScanSpec
from spreadmesh_client import RankingUpdate, connect
from spreadmesh_client.scans import ScanStream

from mesh.server import RunningServer
from scanner_server.app import running
from scanner_server.settings import ScannerSettings
from tests.scanner_server.conversation import QUOTES_ONLY, SPEC, TIMEOUT, quoted
from tests.scanner_server.scripted_market import SHARE, ScriptedMarket, serve_market


async def next_ranking(stream: ScanStream) -> RankingUpdate:
    async with asyncio.timeout(TIMEOUT):
        while isinstance(event := await anext(stream), Heartbeat):
            pass
    return event


async def break_off(stream: ScanStream) -> None:
    """A read that is cancelled breaks the call."""
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(stream), 0.2)


@asynccontextmanager
async def following(server: RunningServer) -> AsyncIterator[ScanStream]:
    async with (
        connect(scan=server.address) as client,
        client.scans.stream_scan(SPEC, credits=4, min_interval_seconds=0) as stream,
    ):
        yield stream


@pytest.mark.parametrize("changed_settings", [{"line_linger_seconds": 60, **QUOTES_ONLY}])
async def test_a_break_costs_neither_the_epoch_nor_a_repetition(
    server: RunningServer, market: ScriptedMarket
) -> None:
    async with following(server) as stream:
        reading = asyncio.create_task(next_ranking(stream))
        await quoted(market)
        first = await reading
        await break_off(stream)
        market.stream.send_quotes([SHARE], spot=101.0)
        second = await next_ranking(stream)
        assert stream.calls == 2
        assert (second.epoch, second.sequence) == (first.epoch, first.sequence + 1)
        assert second.ranking.surface.spot == pytest.approx(101.0)
        await break_off(stream)
        await stream.change(ScanSpec(underlying="ACME", strategies=["iron_condor"], limit=2))
        other = await next_ranking(stream)
        assert stream.calls == 4  # the last ranking is of another spec: refused, then opened for a snapshot
        assert (other.epoch == first.epoch, other.sequence) == (False, 1)
        assert {candidate.strategy for candidate in other.ranking.candidates} == {"iron_condor"}


async def test_a_server_that_began_anew_sends_a_snapshot(market: ScriptedMarket) -> None:
    values = {"drain_seconds": 0, "line_linger_seconds": 0, **QUOTES_ONLY}
    async with (
        serve_market(market) as address,
        running(ScannerSettings(port=0, ibkr_server=address, **values)) as server,
        following(server) as stream,
    ):
        reading = asyncio.create_task(next_ranking(stream))
        await market.opened()
        await quoted(market)
        first = await reading
        await server.stop()
        event = await anext(stream)
        assert isinstance(event, Heartbeat)
        assert event.stale
        port = int(server.address.rpartition(":")[2])
        async with running(ScannerSettings(port=port, ibkr_server=address, **values)):
            reading = asyncio.create_task(next_ranking(stream))
            await market.opened(2)
            await quoted(market)
            again = await reading
    assert again.epoch != first.epoch
    assert (again.sequence, len(again.ranking.candidates)) == (1, len(first.ranking.candidates))
