import asyncio
from contextlib import aclosing
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest
from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.scan.v1.candidate_pb2 import Candidate
from spreadmesh.scan.v1.ranking_pb2 import Ranking
from spreadmesh.scan.v1.scan_service_pb2 import RunScanResponse, StreamScanResponse, WatchScanResponse
from spreadmesh_client import connect
from spreadmesh_client.streams import StreamLimits

from mesh.errors import MeshError, invalid_argument, quota_exceeded
from tests.clients.scan_messages import QUICK, SPEC, delta, ids, refuse, snapshot


async def test_a_credit_goes_back_only_when_the_next_event_is_asked_for(serve: Any, scripted: Any) -> None:
    granted_early = asyncio.Event()

    async def script(call: Any) -> None:
        opened = await call.receive()
        assert opened.open.credits == 1
        assert opened.open.spec == SPEC
        await call.send(snapshot(1, 1))
        with pytest.raises(TimeoutError):
            await call.receive(0.2)
        granted_early.set()

    servicer = scripted(script)
    async with (
        serve(servicer) as address,
        connect(scan=address) as client,
        client.scans.stream_scan(SPEC, limits=QUICK) as stream,
    ):
        assert ids(await anext(stream)) == [1]
        await asyncio.wait_for(granted_early.wait(), 5)


async def test_one_grant_for_each_ranking_consumed_and_none_for_heartbeats(serve: Any, scripted: Any) -> None:
    async def script(call: Any) -> None:
        await call.receive()
        await call.send(snapshot(1, 1, 2))
        await call.send(StreamScanResponse(epoch=1, sequence=1, heartbeat=Heartbeat(stale=True)))
        grants = [(await call.receive()).grant.credits]
        with pytest.raises(TimeoutError):
            await call.receive(0.2)
        await call.send(delta(2, 1, 2, 1))
        grants.append((await call.receive()).grant.credits)
        await call.send(delta(3, 2, sum(grants)))
        await call.until_cancelled()

    async with (
        serve(scripted(script)) as address,
        connect(scan=address) as client,
        client.scans.stream_scan(SPEC, credits=2, limits=QUICK) as stream,
    ):
        events = [await anext(stream) for _ in range(4)]
    assert isinstance(events[1], Heartbeat)
    assert events[1].stale
    assert [ids(event) for event in (events[0], events[2], events[3])] == [[1, 2], [2, 1], [2]]


async def test_the_call_is_cancelled_when_the_block_is_left(serve: Any, scripted: Any) -> None:
    async def script(call: Any) -> None:
        await call.receive()
        await call.send(snapshot(1, 1))
        await call.until_cancelled()

    servicer = scripted(script)
    async with serve(servicer) as address, connect(scan=address) as client:
        async with client.scans.stream_scan(SPEC, limits=QUICK) as stream:
            await anext(stream)
        await asyncio.wait_for(servicer.cancelled.wait(), 5)


async def test_a_stream_ends_at_its_deadline(serve: Any, scripted: Any) -> None:
    async def script(call: Any) -> None:
        await call.receive()
        await call.until_cancelled()

    limits = StreamLimits(timeout_seconds=0.3)
    async with (
        serve(scripted(script)) as address,
        connect(scan=address) as client,
        client.scans.stream_scan(SPEC, limits=limits) as stream,
    ):
        with pytest.raises(MeshError) as caught:
            await anext(stream)
    assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_a_refused_stream_raises_the_details_at_once(serve: Any, scripted: Any) -> None:
    async def script(call: Any) -> None:
        await call.receive()
        await refuse(call.context, invalid_argument("spec.limit", "at most 1,000"))

    servicer = scripted(script)
    async with (
        serve(servicer) as address,
        connect(scan=address) as client,
        client.scans.stream_scan(SPEC) as stream,
    ):
        with pytest.raises(MeshError) as caught:
            await anext(stream)
    assert servicer.calls == 1
    detail = caught.value.details[0]
    assert isinstance(detail, BadRequest)
    assert detail.field_violations[0].field == "spec.limit"


async def test_reads_are_retried_as_the_server_asks_until_their_deadline(
    serve: Any,
    scripted: Any,
) -> None:
    remaining: list[float] = []
    times: list[float] = []

    async def run_scan(_request: Any, context: Any) -> RunScanResponse:
        remaining.append(context.time_remaining())
        times.append(asyncio.get_running_loop().time())
        if len(remaining) == 1:
            await refuse(context, quota_exceeded("scans", "too many at once", 0.2))
        if len(remaining) == 2:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "restarting")
        return RunScanResponse(candidates=[Candidate(score=0.5)])

    async with serve(scripted(RunScan=run_scan)) as address, connect(scan=address) as client:
        response = await client.scans.run_scan(SPEC, timeout_seconds=8)
    assert response.candidates[0].score == 0.5
    assert len(remaining) == 3
    assert times[1] - times[0] >= 0.2
    assert remaining[2] < remaining[0] < 8.5  # the transport rounds deadlines up


async def test_a_read_that_is_never_answered_ends_at_its_deadline(serve: Any, scripted: Any) -> None:
    async def run_scan(_request: Any, _context: Any) -> None:
        await asyncio.sleep(30)

    async with serve(scripted(RunScan=run_scan)) as address, connect(scan=address) as client:
        with pytest.raises(MeshError) as caught:
            await client.scans.run_scan(SPEC, timeout_seconds=0.3)
    assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_watch_scan_gives_rankings_and_heartbeats_and_cancels(serve: Any, scripted: Any) -> None:
    cancelled = asyncio.Event()

    async def watch_scan(request: Any, context: Any) -> None:
        try:
            await context.write(WatchScanResponse(ranking=Ranking(candidates=[Candidate(score=0.1)])))
            await context.write(WatchScanResponse(heartbeat=Heartbeat(stale=True)))
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async with serve(scripted(WatchScan=watch_scan)) as address, connect(scan=address) as client:
        async with aclosing(client.scans.watch_scan(SPEC, limits=QUICK)) as events:
            assert isinstance(await anext(events), Ranking)
            assert isinstance(await anext(events), Heartbeat)
        await asyncio.wait_for(cancelled.wait(), 5)


async def test_a_room_without_an_address_says_so() -> None:
    async with connect(scan="127.0.0.1:1") as client:
        with pytest.raises(ValueError, match="market"):
            _ = client.market
