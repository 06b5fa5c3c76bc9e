"""Streams of rankings that break and go on."""

import asyncio
from typing import Any

import grpc
import pytest
from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.scan.v1.scan_service_pb2 import StreamScanRequest, StreamScanResponse
from spreadmesh.scan.v1.scan_service_pb2_grpc import ScanServiceStub
from spreadmesh.scan.v1.spec_pb2 import ScanSpec
from spreadmesh_client import connect
from spreadmesh_client.streams import ReopeningStream, StreamLimits

from mesh.channel import open_channel
from mesh.errors import MeshError
from tests.clients.scan_messages import QUICK, SPEC, delta, ids, snapshot, tells_of_a_loss


async def test_a_gap_opens_the_stream_anew(serve: Any, scripted: Any) -> None:
    async def first(call: Any) -> None:
        await call.receive()
        await call.send(snapshot(1, 1))
        await call.send(delta(3, 2, 1))
        await call.until_cancelled()

    async def second(call: Any) -> None:
        await call.receive()
        await call.send(snapshot(1, 5, epoch=2))
        await call.until_cancelled()

    servicer = scripted(first, second)
    async with (
        serve(servicer) as address,
        connect(scan=address) as client,
        client.scans.stream_scan(SPEC, credits=4, limits=QUICK) as stream,
    ):
        assert ids(await anext(stream)) == [1]
        event = await anext(stream)
        assert ids(event) == [5]
        assert stream.calls == 2
        await asyncio.wait_for(servicer.cancelled.wait(), 5)


async def test_a_changed_spec_is_used_when_the_stream_is_opened_anew(serve: Any, scripted: Any) -> None:
    async def first(call: Any) -> None:
        await call.receive()
        await call.send(snapshot(1, 1))
        changed = await call.receive()
        await call.send(snapshot(2, 1 if changed.change.spec.underlying == "AAPL" else 99))
        await call.context.abort(grpc.StatusCode.UNAVAILABLE, "drained")

    async def second(call: Any) -> None:
        opened = await call.receive()
        await call.send(snapshot(1, len(opened.open.spec.underlying), epoch=2))
        await call.until_cancelled()

    spec = ScanSpec(underlying="GOOGL")
    async with (
        serve(scripted(first, second)) as address,
        connect(scan=address) as client,
        client.scans.stream_scan(spec, credits=3, limits=QUICK) as stream,
    ):
        await anext(stream)
        await stream.change(ScanSpec(underlying="AAPL"))
        assert ids(await anext(stream)) == [1]
        assert tells_of_a_loss(await anext(stream))
        assert ids(await anext(stream)) == [4]
    assert spec.underlying == "GOOGL"


async def test_a_silent_stream_is_opened_anew(serve: Any, scripted: Any) -> None:
    async def silent(call: Any) -> None:
        await call.receive()
        await call.send(snapshot(1, 1))
        await call.until_cancelled()

    async def speaking(call: Any) -> None:
        await call.receive()
        await call.send(snapshot(1, 2, epoch=2))
        await call.until_cancelled()

    limits = StreamLimits(silence_seconds=0.3, patience_seconds=5)
    async with (
        serve(scripted(silent, speaking)) as address,
        connect(scan=address) as client,
        client.scans.stream_scan(SPEC, limits=limits) as stream,
    ):
        assert ids(await anext(stream)) == [1]
        lost = await anext(stream)
        assert isinstance(lost, Heartbeat)
        assert lost.stale
        assert 300 <= lost.silence.ToMilliseconds() < 1500
        assert ids(await anext(stream)) == [2]


async def test_a_server_that_stays_away_is_an_error_after_the_patience(unused_tcp_port: int) -> None:
    limits = StreamLimits(patience_seconds=0.5)
    async with (
        connect(scan=f"127.0.0.1:{unused_tcp_port}") as client,
        client.scans.stream_scan(SPEC, limits=limits) as stream,
    ):
        with pytest.raises(MeshError) as caught:
            await anext(stream)
    assert caught.value.code is grpc.StatusCode.UNAVAILABLE


async def test_a_stream_goes_on_when_its_server_comes_back(
    serve: Any, scripted: Any, unused_tcp_port: int
) -> None:
    async def script(call: Any) -> None:
        await call.receive()
        await call.send(snapshot(1, 1))
        await call.until_cancelled()

    limits = StreamLimits(patience_seconds=20)
    async with (
        connect(scan=f"127.0.0.1:{unused_tcp_port}") as client,
        client.scans.stream_scan(SPEC, limits=limits) as stream,
    ):
        async with serve(scripted(script), unused_tcp_port):
            assert ids(await anext(stream)) == [1]
        assert tells_of_a_loss(await anext(stream))
        async with serve(scripted(script), unused_tcp_port):
            assert ids(await anext(stream)) == [1]


async def test_a_call_whose_server_is_gone_leaves_no_task_behind(
    serve: Any, scripted: Any, unused_tcp_port: int
) -> None:
    async def script(call: Any) -> None:
        await call.receive()
        await call.send(StreamScanResponse(heartbeat=Heartbeat()))
        await call.context.abort(grpc.StatusCode.UNAVAILABLE, "gone")

    before = asyncio.all_tasks()
    async with connect(scan=f"127.0.0.1:{unused_tcp_port}") as client:
        async with serve(scripted(script), unused_tcp_port):
            async with client.scans.stream_scan(SPEC, limits=QUICK) as stream:
                await anext(stream)
                assert tells_of_a_loss(await anext(stream))
            begun = asyncio.all_tasks() - before
        _, left = await asyncio.wait(begun, timeout=3)
    assert not left


async def test_a_server_is_tried_as_long_as_the_patience_and_never_rarely(unused_tcp_port: int) -> None:
    now, waits = 0.0, []

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds
        waits.append(seconds)

    async with open_channel(f"127.0.0.1:{unused_tcp_port}") as channel:
        stub = ScanServiceStub(channel)
        stream: ReopeningStream[StreamScanRequest, StreamScanResponse] = ReopeningStream(
            lambda requests, timeout: stub.StreamScan(requests, timeout=timeout),
            list,
            StreamLimits(patience_seconds=600),
            clock=lambda: now,
            sleep=sleep,
        )
        with pytest.raises(MeshError):
            await stream.read()
    assert 590 < now < 600
    assert max(waits) <= 2
    assert waits[0] <= 0.2
