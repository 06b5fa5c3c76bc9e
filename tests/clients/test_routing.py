"""Calls about one underlying name it in a header, so that a mesh can route by it."""

from contextlib import aclosing
from typing import Any

import grpc
import pytest
from spreadmesh.scan.v1.ranking_pb2 import Ranking
from spreadmesh.scan.v1.scan_service_pb2 import RunScanResponse, WatchScanResponse
from spreadmesh.scan.v1.spec_pb2 import ScanSpec
from spreadmesh_client import connect
from spreadmesh_client.routing import UNDERLYING_KEY, underlying_header

from tests.clients.scan_messages import QUICK, snapshot, tells_of_a_loss


def named_in(context: Any) -> Any:
    return dict(context.invocation_metadata()).get(UNDERLYING_KEY)


async def test_a_scan_and_a_watch_name_their_underlying(serve: Any, scripted: Any) -> None:
    named = []

    async def run(_request: Any, context: Any) -> RunScanResponse:
        named.append(named_in(context))
        return RunScanResponse()

    async def watch(_request: Any, context: Any) -> Any:
        named.append(named_in(context))
        yield WatchScanResponse(ranking=Ranking())

    async with serve(scripted(RunScan=run, WatchScan=watch)) as address, connect(scan=address) as client:
        await client.scans.run_scan(ScanSpec(underlying="SPY"))
        async with aclosing(client.scans.watch_scan(ScanSpec(underlying="AAPL"))) as rankings:
            await anext(rankings)
    assert named == ["SPY", "AAPL"]


async def test_a_stream_that_was_changed_is_opened_anew_where_its_underlying_is(
    serve: Any, scripted: Any
) -> None:
    named = []

    async def first(call: Any) -> None:
        named.append(named_in(call.context))
        await call.receive()
        await call.send(snapshot(1, 1))
        await call.receive()
        await call.context.abort(grpc.StatusCode.UNAVAILABLE, "drained")

    async def second(call: Any) -> None:
        named.append(named_in(call.context))
        await call.receive()
        await call.send(snapshot(1, 2, epoch=2))
        await call.until_cancelled()

    async with (
        serve(scripted(first, second)) as address,
        connect(scan=address) as client,
        client.scans.stream_scan(ScanSpec(underlying="SPY"), credits=3, limits=QUICK) as stream,
    ):
        await anext(stream)
        await stream.change(ScanSpec(underlying="AAPL"))
        assert tells_of_a_loss(await anext(stream))
        await anext(stream)
    assert named == ["SPY", "AAPL"]


@pytest.mark.parametrize("symbol", ["", " ", "Ölförderung", "A\nB", "SPY\x7f"])
def test_what_no_header_can_carry_goes_without(symbol: str) -> None:
    assert underlying_header(symbol) == ()
