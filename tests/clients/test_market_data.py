import asyncio
from contextlib import aclosing
from datetime import date
from typing import Any

import grpc
import pytest
from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.market.v1.chain_pb2 import GetOptionChainResponse
from spreadmesh.market.v1.gateway_pb2 import (
    GatewayStatus,
    GetGatewayStatusResponse,
    ListMarketDataLinesResponse,
    WatchGatewayStatusResponse,
)
from spreadmesh.market.v1.quotes_pb2 import (
    LineConfirmation,
    LinesConfirmed,
    QuoteBatch,
    StreamQuotesResponse,
    WatchQuotesResponse,
)
from spreadmesh_client import connect
from spreadmesh_client.streams import StreamLimits

from mesh.errors import MeshError, not_found, to_trailers

QUICK = StreamLimits(silence_seconds=5, patience_seconds=5)


def batch(sequence: int, *con_ids: int, epoch: int = 1) -> StreamQuotesResponse:
    return StreamQuotesResponse(batch=QuoteBatch(epoch=epoch, sequence=sequence, con_id=con_ids))


async def test_the_chain_asks_for_dates_and_raises_refusals(serve: Any, scripted: Any) -> None:
    async def get_option_chain(request: Any, context: Any) -> GetOptionChainResponse:
        if request.symbol == "NONE":
            error = not_found("underlying", "NONE", "no such ticker")
            await context.abort(error.code, error.message, to_trailers(error))
        assert (request.expiration_from, request.HasField("expiration_to")) == ("2016-01-08", False)
        return GetOptionChainResponse(contracts=[{"con_id": 7}])

    async with serve(scripted(GetOptionChain=get_option_chain)) as address, connect(market=address) as client:
        chain = await client.market.get_option_chain("GOOG", expiration_from=date(2016, 1, 8))
        assert chain.contracts[0].con_id == 7
        with pytest.raises(MeshError) as caught:
            await client.market.get_option_chain("NONE")
    assert caught.value.code is grpc.StatusCode.NOT_FOUND
    assert caught.value.details[0].resource_name == "NONE"  # type: ignore[attr-defined]  # a ResourceInfo


async def test_status_and_lines(serve: Any, scripted: Any) -> None:
    async def status(_request: Any, _context: Any) -> GetGatewayStatusResponse:
        return GetGatewayStatusResponse(status=GatewayStatus(ready=True))

    async def lines(_request: Any, _context: Any) -> ListMarketDataLinesResponse:
        return ListMarketDataLinesResponse(limit=100)

    servicer = scripted(GetGatewayStatus=status, ListMarketDataLines=lines)
    async with serve(servicer) as address, connect(market=address) as client:
        assert (await client.market.get_gateway_status()).ready
        assert (await client.market.list_market_data_lines()).limit == 100


async def test_contracts_are_added_and_dropped_on_the_way(serve: Any, scripted: Any) -> None:
    seen: list[Any] = []

    async def script(call: Any) -> None:
        seen.extend([await call.receive(), await call.receive()])
        confirmed = [LineConfirmation(con_id=1), LineConfirmation(con_id=2)]
        await call.send(StreamQuotesResponse(confirmed=LinesConfirmed(lines=confirmed)))
        seen.extend([await call.receive(), await call.receive()])
        await call.send(batch(1, 3))
        seen.append(await call.receive())
        await call.send(StreamQuotesResponse(heartbeat=Heartbeat()))
        await call.until_cancelled()

    async with (
        serve(scripted(script)) as address,
        connect(market=address) as client,
        client.market.stream_quotes([1, 2], owner="me", priority=9, credits=2, limits=QUICK) as stream,
    ):
        confirmed = await anext(stream)
        await stream.add([3], priority=5)
        await stream.drop([1])
        quotes = await anext(stream)
        assert isinstance(await anext(stream), Heartbeat)
    assert isinstance(confirmed, LinesConfirmed)
    assert isinstance(quotes, QuoteBatch)
    assert (seen[0].open.owner, seen[0].open.credits) == ("me", 2)
    assert (list(seen[1].add.con_ids), seen[1].add.priority) == ([1, 2], 9)
    assert (list(seen[2].add.con_ids), seen[2].add.priority) == ([3], 5)
    assert list(seen[3].drop.con_ids) == [1]
    assert seen[4].grant.credits == 1


async def test_after_a_break_what_is_wanted_now_is_asked_for_again(serve: Any, scripted: Any) -> None:
    again: list[Any] = []

    async def first(call: Any) -> None:
        for _ in range(2):
            await call.receive()
        await call.send(batch(1, 1))
        for _ in range(2):
            await call.receive()
        await call.context.abort(grpc.StatusCode.UNAVAILABLE, "drained")

    async def second(call: Any) -> None:
        again.extend([await call.receive() for _ in range(3)])
        await call.send(batch(1, 2, epoch=2))
        await call.until_cancelled()

    servicer = scripted(first, second)
    async with (
        serve(servicer) as address,
        connect(market=address) as client,
        client.market.stream_quotes([1, 2], limits=QUICK) as stream,
    ):
        await anext(stream)
        await stream.add([3], priority=20)
        await stream.drop([1])
        lost = await anext(stream)
        quotes = await anext(stream)
        assert isinstance(lost, Heartbeat)
        assert lost.stale
        assert isinstance(quotes, QuoteBatch)
        assert quotes.epoch == 2
        assert stream.calls == 2
    assert again[0].open.owner == "spreadmesh_client"
    assert [(list(r.add.con_ids), r.add.priority) for r in again[1:]] == [([2], 50), ([3], 20)]


async def test_wide_requests_are_cut_to_the_contract(serve: Any, scripted: Any) -> None:
    sizes: list[int] = []

    async def script(call: Any) -> None:
        await call.receive()
        sizes.extend([len((await call.receive()).add.con_ids) for _ in range(3)])
        await call.send(batch(1, 1))
        await call.until_cancelled()

    async with (
        serve(scripted(script)) as address,
        connect(market=address) as client,
        client.market.stream_quotes(range(1, 45_001), limits=QUICK) as stream,
    ):
        await anext(stream)
    assert sizes == [20_000, 20_000, 5_000]


async def test_watch_quotes_gives_all_events_and_cancels(serve: Any, scripted: Any) -> None:
    cancelled = asyncio.Event()

    async def watch_quotes(request: Any, context: Any) -> None:
        try:
            lines = [LineConfirmation(con_id=c) for c in request.con_ids]
            await context.write(WatchQuotesResponse(confirmed=LinesConfirmed(lines=lines)))
            await context.write(WatchQuotesResponse(batch=QuoteBatch(con_id=[5])))
            await context.write(WatchQuotesResponse(heartbeat=Heartbeat(stale=True)))
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async with serve(scripted(WatchQuotes=watch_quotes)) as address, connect(market=address) as client:
        async with aclosing(client.market.watch_quotes([5], ["GOOG"], limits=QUICK)) as events:
            kinds = [type(await anext(events)) for _ in range(3)]
        await asyncio.wait_for(cancelled.wait(), 5)
    assert kinds == [LinesConfirmed, QuoteBatch, Heartbeat]


async def test_a_watched_status_says_when_the_server_is_away_and_comes_back(
    serve: Any, scripted: Any, unused_tcp_port: int
) -> None:
    async def watch_status(request: Any, context: Any) -> None:
        assert request.max_interval_seconds == 2
        await context.write(WatchGatewayStatusResponse(status=GatewayStatus(ready=True, connections=1)))
        await asyncio.sleep(30)

    servicer = scripted(WatchGatewayStatus=watch_status)
    async with connect(market=f"127.0.0.1:{unused_tcp_port}") as client:
        events = client.market.watch_gateway_status(max_interval_seconds=2, limits=QUICK)
        async with aclosing(events):
            async with serve(servicer, unused_tcp_port):
                assert (await anext(events)).ready
            assert await anext(events) == GatewayStatus()
            async with serve(servicer, unused_tcp_port):
                assert (await anext(events)).ready
