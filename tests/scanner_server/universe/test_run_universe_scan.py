"""RunUniverseScan through a real channel, with quotes from a scripted market of many underlyings."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import numpy as np
import pytest
from google.rpc.error_details_pb2 import ErrorInfo, QuotaFailure, RetryInfo
from spreadmesh.scan.v1.scan_service_pb2 import OpenScan, RunScanRequest, StreamScanRequest
from spreadmesh.scan.v1.scan_service_pb2_grpc import ScanServiceStub
from spreadmesh.scan.v1.spec_pb2 import ScanSpec
from spreadmesh.scan.v1.universe_service_pb2 import (
    ListUniversesRequest,
    RunUniverseScanResponse,
)
from spreadmesh.scan.v1.universe_service_pb2_grpc import UniverseServiceStub

from mesh.channel import open_channel
from scanner_server.app import running
from scanner_server.live.underlying import LiveUnderlying
from scanner_server.settings import ScannerSettings
from tests.processes import free_port
from tests.scanner_server.scripted_market import CONTRACTS
from tests.scanner_server.universe.reader import SPEC, TIMEOUT, Reader
from tests.scanner_server.universe.several import OPTIONS, SYMBOLS, SeveralMarkets

CANCEL_SECONDS = 0.1


def scores(message: RunUniverseScanResponse) -> list[tuple[float, float]]:
    return [(-one.candidate.score, one.candidate.max_loss) for one in message.ranking.candidates]


async def test_the_best_of_all_underlyings_in_one_ranking(
    universes: UniverseServiceStub, scans: ScanServiceStub, market: SeveralMarkets
) -> None:
    reader = Reader(universes, symbols=["U1", "U2", "U3"])
    await market.subscribed("U1", "U2", "U3")
    for symbol, cheaper in (("U1", 0.0), ("U2", 0.01), ("U3", 0.02)):
        market.quote(symbol, cheaper=cheaper)
    last = await reader.rest()

    assert last.complete
    assert [message.complete for message in reader.said].count(True) == 1
    progress = last.progress
    assert (progress.underlyings, progress.done, progress.failed) == (3, 3, 0)
    assert (progress.contracts_wanted, progress.contracts_quoted) == (3 * OPTIONS, 3 * OPTIONS)
    assert reader.ended() == {"U1": "OK", "U2": "OK", "U3": "OK"}
    assert scores(last) == sorted(scores(last))
    assert len(scores(last)) == SPEC.limit

    alone = []
    for symbol in ("U1", "U2", "U3"):  # the books are still known
        spec = ScanSpec(underlying=symbol)
        spec.MergeFrom(SPEC)
        answer = await scans.RunScan(RunScanRequest(spec=spec), timeout=TIMEOUT)
        alone += [(-one.score, one.max_loss) for one in answer.candidates]
    np.testing.assert_allclose(scores(last), sorted(alone)[: SPEC.limit], rtol=1e-5)


async def test_says_how_far_it_is_and_what_is_best_so_far(
    universes: UniverseServiceStub, market: SeveralMarkets
) -> None:
    reader = Reader(universes, symbols=["U1", "U2"], max_parallel=1)
    await market.subscribed("U1")
    market.quote("U1", list(CONTRACTS)[:30])
    half = await reader.until(lambda message: message.progress.contracts_quoted == 30)
    (running,) = half.progress.running
    assert (running.symbol, running.contracts_wanted, running.contracts_quoted) == ("U1", OPTIONS, 30)
    assert not half.HasField("ranking")

    market.quote("U1")
    first = await reader.until(lambda message: message.progress.done == 1)
    assert {one.underlying for one in first.ranking.candidates} == {"U1"}
    assert first.progress.candidates_formed > 0
    assert first.ended[0].basis.contracts_quoted == OPTIONS

    await market.subscribed("U2")  # and no longer U1: the next one uses the lines
    market.quote("U2", cheaper=0.01)
    last = await reader.rest()
    assert last.complete
    assert {one.underlying for one in last.ranking.candidates} == {"U1", "U2"}
    assert last.progress.elapsed_seconds > half.progress.elapsed_seconds > 0


async def test_a_failure_is_told_and_the_job_goes_on(
    universes: UniverseServiceStub, market: SeveralMarkets
) -> None:
    reader = Reader(universes, symbols=["NOPE", "U1", "U2"], max_parallel=1, underlying_seconds=2.0)
    await market.subscribed("U1")
    market.quote("U1", list(CONTRACTS)[:30])  # and never more
    await market.subscribed("U2")
    market.quote("U2")
    last = await reader.rest()
    assert last.complete
    assert reader.ended() == {"NOPE": "NOT_FOUND", "U1": "DEADLINE_EXCEEDED", "U2": "OK"}
    reasons = {one.symbol: one.failure.reason for message in reader.said for one in message.ended}
    assert "NOPE" in reasons["NOPE"]
    assert f"30 of {OPTIONS} contracts" in reasons["U1"]
    assert (last.progress.done, last.progress.failed) == (1, 2)


async def test_a_cancelled_call_gives_all_back_at_once(
    universes: UniverseServiceStub, market: SeveralMarkets
) -> None:
    reader = Reader(universes, symbols=SYMBOLS, max_parallel=2)
    await market.subscribed("U1", "U2")
    asked = market.chain_requests
    reader.call.cancel()
    began = time.monotonic()
    await market.until(lambda: market.stream.asked == {})
    assert time.monotonic() - began < CANCEL_SECONDS
    again = Reader(universes, symbols=["U1"])
    await market.subscribed("U1")
    again.call.cancel()
    assert market.chain_requests == asked == 2


async def test_a_cancelled_call_leaves_no_ranking_in_line(
    universes: UniverseServiceStub, market: SeveralMarkets, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []

    async def rank(underlying: LiveUnderlying, _spec: object) -> None:
        begun.append(underlying.symbol)
        await asyncio.Event().wait()

    monkeypatch.setattr(LiveUnderlying, "rank", rank)
    reader = Reader(universes, symbols=["U1", "U2", "U3"])
    await market.subscribed("U1", "U2", "U3")
    for symbol in ("U1", "U2", "U3"):
        market.quote(symbol)
    await reader.until(lambda message: message.progress.contracts_quoted == 3 * OPTIONS)
    reader.call.cancel()
    await market.until(lambda: market.stream.asked == {})
    assert len(begun) == 1  # of two workers one is left to streams and calls


@pytest.mark.parametrize("changed_settings", [{"line_linger_seconds": 60.0}])
async def test_no_contract_lingers_after_its_underlying(
    universes: UniverseServiceStub, market: SeveralMarkets
) -> None:
    reader = Reader(universes, symbols=["U1", "U2"], max_parallel=1)
    for symbol in ("U1", "U2"):
        await market.subscribed(symbol)
        market.quote(symbol)
    assert (await reader.rest()).complete
    await market.until(lambda: market.stream.asked == {})


@pytest.mark.parametrize("by_the_call", [True, False])
async def test_out_of_time_it_first_sends_what_it_has(
    universes: UniverseServiceStub, market: SeveralMarkets, by_the_call: bool
) -> None:
    limit = {"timeout": 2.5} if by_the_call else {"deadline_seconds": 2.0}
    reader = Reader(universes, symbols=["U1", "U2"], max_parallel=1, **limit)
    await market.subscribed("U1")
    market.quote("U1")
    error = await reader.refusal()
    assert error.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert {type(item) for item in error.details} == {ErrorInfo}
    assert "1 of 2 underlyings" in error.message
    last = reader.said[-1]
    assert not last.complete
    assert len(last.ranking.candidates) == SPEC.limit
    assert (last.progress.done, last.progress.failed, len(last.progress.running)) == (1, 0, 0)
    await market.until(lambda: market.stream.asked == {})


async def test_a_live_stream_goes_on_beside_it(
    universes: UniverseServiceStub, scans: ScanServiceStub, market: SeveralMarkets
) -> None:
    spec = ScanSpec(underlying="U9", strategies=["vertical"], limit=5)
    opening = StreamScanRequest(open=OpenScan(spec=spec, credits=10, min_interval_seconds=0))
    stream = scans.StreamScan(_only(opening), timeout=TIMEOUT)
    await market.subscribed("U9")
    market.quote("U9")
    assert (await stream.read()).WhichOneof("message") == "snapshot"
    reader = Reader(universes, symbols=["U1", "U9"], max_parallel=1)
    await market.subscribed("U1", "U9")
    market.quote("U9", cheaper=0.01)
    while (await stream.read()).WhichOneof("message") != "delta":
        pass
    market.quote("U1")
    assert (await reader.rest()).complete
    await market.subscribed("U9")  # the job has scanned it too, and left the stream its lines
    stream.cancel()


async def _only(request: StreamScanRequest) -> AsyncIterator[StreamScanRequest]:
    yield request
    await asyncio.Event().wait()


async def test_without_a_feed_every_underlying_fails_and_the_job_ends() -> None:
    nobody = ScannerSettings(port=0, drain_seconds=0, ibkr_server=f"127.0.0.1:{free_port()}")
    async with running(nobody) as server, open_channel(server.address) as channel:
        reader = Reader(UniverseServiceStub(channel), symbols=["U1", "U2"], underlying_seconds=0.3)
        last = await reader.rest()
    assert last.complete
    assert set(reader.ended().values()) <= {"UNAVAILABLE", "DEADLINE_EXCEEDED"}
    assert last.progress.failed == 2


@pytest.mark.parametrize("changed_settings", [{"max_universe_jobs": 1}])
async def test_one_job_too_many_is_refused(universes: UniverseServiceStub, market: SeveralMarkets) -> None:
    first = Reader(universes, symbols=["U1"])
    await market.subscribed("U1")
    error = await Reader(universes, symbols=["U2"]).refusal()
    assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert {type(item) for item in error.details} == {QuotaFailure, RetryInfo}
    first.call.cancel()


@pytest.mark.parametrize("changed_settings", [{"max_concurrent_scans": 1}])
async def test_its_scans_wait_for_places(universes: UniverseServiceStub, market: SeveralMarkets) -> None:
    reader = Reader(universes, symbols=["U1", "U2"], max_parallel=2)
    for symbol in ("U1", "U2"):
        await market.subscribed(symbol)
        market.quote(symbol)
    assert (await reader.rest()).complete


async def test_a_slow_reader_misses_nothing_but_messages(
    universes: UniverseServiceStub, market: SeveralMarkets
) -> None:
    reader = Reader(universes, symbols=SYMBOLS, max_parallel=1)
    for symbol in SYMBOLS:
        await market.subscribed(symbol)
        market.quote(symbol)
    await market.until(lambda: market.stream.asked == {})  # all is done, and nothing has been read
    last = await reader.rest()
    assert last.complete
    assert reader.ended() == dict.fromkeys(SYMBOLS, "OK")


@pytest.mark.parametrize("changed_settings", [{"universes": str(Path(__file__).with_name("universes.toml"))}])
async def test_universes_have_names(universes: UniverseServiceStub, market: SeveralMarkets) -> None:
    listed = (await universes.ListUniverses(ListUniversesRequest(), timeout=TIMEOUT)).universes
    assert [(one.name, list(one.symbols)) for one in listed] == [("all", SYMBOLS), ("pair", ["U2", "U1"])]
    reader = Reader(universes, universe="pair", max_parallel=1)
    await market.subscribed("U2")
    reader.call.cancel()
