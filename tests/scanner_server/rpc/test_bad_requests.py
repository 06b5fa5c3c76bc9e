"""What wrong requests get, through a real channel: a status, and the field at fault."""

from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, QuotaFailure, ResourceInfo, RetryInfo
from spreadmesh.common.v1.feed_pb2 import CreditGrant
from spreadmesh.scan.v1.scan_service_pb2 import (
    ChangeScan,
    OpenScan,
    RunScanRequest,
    StreamScanRequest,
    WatchScanRequest,
)
from spreadmesh.scan.v1.scan_service_pb2_grpc import ScanServiceStub
from spreadmesh.scan.v1.spec_pb2 import FigureRange, Range, ScanFilters, ScanSpec, ScoreWeights

from mesh.channel import open_channel
from mesh.errors import MeshError, from_rpc_error
from mesh.server import RunningServer
from tests.scanner_server.scripted_market import CONTRACTS, ScriptedMarket

NAN = float("nan")
TIMEOUT = 20


async def refusal_of(call: Any) -> MeshError:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    return from_rpc_error(raised.value)


async def run(scans: ScanServiceStub, spec: ScanSpec, **fields: Any) -> MeshError:
    return await refusal_of(scans.RunScan(RunScanRequest(spec=spec, **fields), timeout=TIMEOUT))


def field_of(error: MeshError) -> str:
    (detail,) = (detail for detail in error.details if isinstance(detail, BadRequest))
    return detail.field_violations[0].field


def filters(**fields: Any) -> ScanSpec:
    return ScanSpec(underlying="ACME", filters=ScanFilters(**fields))


def spec(**fields: Any) -> ScanSpec:
    return ScanSpec(underlying="ACME", **fields)


def opening(**fields: Any) -> StreamScanRequest:
    return StreamScanRequest(open=OpenScan(**({"spec": spec(), "credits": 1} | fields)))


GRANT = StreamScanRequest(grant=CreditGrant(credits=1))
WRONG = [
    (ScanSpec(), "spec.underlying"),
    (ScanSpec(underlying="A" * 33), "spec.underlying"),
    (ScanSpec(underlying="AC\x00ME"), "spec.underlying"),
    (spec(strategies=["vertical", "moonshot"]), "spec.strategies[1]"),
    (spec(strategies=["vertical"] * 257), "spec.strategies"),
    (spec(slippage=1.01), "spec.slippage"),
    (spec(slippage=NAN), "spec.slippage"),
    (spec(commission_per_contract=-0.01), "spec.commission_per_contract"),
    (spec(forecast_volatility=0.0), "spec.forecast_volatility"),
    (spec(forecast_volatility=0.2, forecast_realized=True), "spec.forecast_realized"),
    (spec(rank_by="beauty"), "spec.rank_by"),
    (spec(limit=0), "spec.limit"),
    (spec(limit=1001), "spec.limit"),
    (spec(weights=ScoreWeights()), "spec.weights"),
    (spec(weights=ScoreWeights(delta=1, theta=-1)), "spec.weights.theta"),
    (filters(days_to_expiration=Range(lower=9, upper=8)), "spec.filters.days_to_expiration"),
    (filters(strike=Range(lower=float("inf"))), "spec.filters.strike.lower"),
    (filters(short_delta=Range(lower=0.5, upper=0.4)), "spec.filters.short_delta"),
    (filters(max_quote_age=-1), "spec.filters.max_quote_age"),
    (filters(expirations=["2026-03-20", "20260417"]), "spec.filters.expirations[1]"),
    (filters(figures=[FigureRange(figure="beauty")]), "spec.filters.figures[0].figure"),
    (
        filters(figures=[FigureRange(figure="delta", range=Range(lower=1, upper=-1))]),
        "spec.filters.figures[0].range",
    ),
    (
        filters(figures=[FigureRange(figure="delta"), FigureRange(figure="delta")]),
        "spec.filters.figures[1].range",
    ),
    (filters(clear_defaults=["all", "some"]), "spec.filters.clear_defaults[1]"),
]


@pytest.mark.parametrize(("wrong", "field"), WRONG, ids=[field for _, field in WRONG])
async def test_a_wrong_spec_is_refused_by_field(scans: ScanServiceStub, wrong: ScanSpec, field: str) -> None:
    error = await run(scans, wrong)
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    assert field_of(error) == field


@pytest.mark.parametrize("coverage", [-0.1, 1.1])
async def test_a_coverage_out_of_range_is_refused(scans: ScanServiceStub, coverage: float) -> None:
    error = await run(scans, spec(), min_coverage=coverage)
    assert (error.code, field_of(error)) == (grpc.StatusCode.INVALID_ARGUMENT, "min_coverage")


async def test_an_unknown_symbol_is_not_found(scans: ScanServiceStub) -> None:
    error = await run(scans, ScanSpec(underlying="NOPE"))
    assert (error.code, field_of(error)) == (grpc.StatusCode.NOT_FOUND, "spec.underlying")
    assert any(isinstance(item, ResourceInfo) and item.resource_name == "NOPE" for item in error.details)


async def test_a_past_expiration_is_out_of_range(scans: ScanServiceStub) -> None:
    error = await run(scans, filters(expirations=["2026-03-20", "2026-02-20"]))
    assert (error.code, field_of(error)) == (grpc.StatusCode.OUT_OF_RANGE, "spec.filters.expirations[1]")


ALL_CALLS = spec(strategies=["bull_call"], filters=ScanFilters(clear_defaults=["all"]))
PAIRS = 272  # two expirations of 17 calls


@pytest.mark.parametrize("changed_settings", [{"max_candidates": PAIRS}])
async def test_a_scan_as_wide_as_allowed_runs(scans: ScanServiceStub, market: ScriptedMarket) -> None:
    call = scans.RunScan(RunScanRequest(spec=ALL_CALLS, min_coverage=1.0), timeout=TIMEOUT)
    await market.until(lambda: len(market.stream.asked) > 0)
    market.stream.send_everything()
    assert (await call).basis.candidates_formed == PAIRS


@pytest.mark.parametrize("changed_settings", [{"max_candidates": PAIRS - 1}])
async def test_a_scan_too_wide_says_how_wide_and_what_would_narrow_it(
    scans: ScanServiceStub, market: ScriptedMarket
) -> None:
    call = scans.RunScan(RunScanRequest(spec=ALL_CALLS, min_coverage=1.0), timeout=TIMEOUT)
    await market.until(lambda: len(market.stream.asked) > 0)
    market.stream.send_everything()
    error = await refusal_of(call)
    assert (error.code, field_of(error)) == (grpc.StatusCode.INVALID_ARGUMENT, "spec")
    assert "272 candidates" in error.message
    assert "filters.strike" in error.message


@pytest.mark.parametrize("changed_settings", [{"max_candidates": PAIRS - 1}])
async def test_a_stream_that_becomes_too_wide_ends(scans: ScanServiceStub, market: ScriptedMarket) -> None:
    narrow = ScanFilters(clear_defaults=["all"], expirations=["2026-03-20"])
    call = scans.StreamScan(timeout=TIMEOUT)
    await call.write(opening(spec=spec(strategies=["bull_call"], filters=narrow), min_interval_seconds=0))
    await market.until(lambda: len(market.stream.asked) > 0)
    market.stream.send_everything()
    first = await call.read()
    assert first.snapshot.basis.candidates_formed == PAIRS // 2
    await call.write(StreamScanRequest(change=ChangeScan(spec=ALL_CALLS)))
    await market.until(lambda: len(market.stream.asked) == len(CONTRACTS) // 2 * 2 + 1)
    market.stream.send_everything()
    await call.write(GRANT)
    error = await refusal_of(call.read())
    assert (error.code, field_of(error)) == (grpc.StatusCode.INVALID_ARGUMENT, "change.spec")


@pytest.mark.parametrize("changed_settings", [{"max_concurrent_scans": 1, "max_waiting_scans": 0}])
async def test_too_many_scans_are_refused(scans: ScanServiceStub, market: ScriptedMarket) -> None:
    watching = scans.WatchScan(WatchScanRequest(spec=spec()), timeout=TIMEOUT)
    await market.until(lambda: len(market.stream.asked) > 0)
    error = await run(scans, spec())
    assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert {type(item) for item in error.details} == {QuotaFailure, RetryInfo}
    watching.cancel()


async def test_a_malformed_message_is_refused(server: RunningServer) -> None:
    async with open_channel(server.address) as channel:
        raw = channel.unary_unary("/spreadmesh.scan.v1.ScanService/RunScan")
        error = await refusal_of(raw(b"\xff\xff\xff", timeout=TIMEOUT))
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT


CONVERSATIONS = [
    ([], "open"),
    ([GRANT], "open"),
    ([StreamScanRequest()], "open"),
    ([opening(credits=0)], "open.credits"),
    ([opening(credits=1025)], "open.credits"),
    ([opening(min_interval_seconds=60.5)], "open.min_interval_seconds"),
    ([opening(spec=spec(limit=0))], "open.spec.limit"),
    ([opening(), opening()], "open"),
    ([opening(), StreamScanRequest()], "message"),
    ([opening(), StreamScanRequest(change=ChangeScan(spec=spec(limit=0)))], "change.spec.limit"),
    ([opening(), StreamScanRequest(grant=CreditGrant())], "grant.credits"),
    ([opening(), StreamScanRequest(grant=CreditGrant(credits=1024))], "grant.credits"),
]


@pytest.mark.parametrize(("messages", "field"), CONVERSATIONS)
async def test_a_wrong_word_ends_the_stream_by_field(
    scans: ScanServiceStub, messages: list[StreamScanRequest], field: str
) -> None:
    call = scans.StreamScan(iter(messages), timeout=TIMEOUT)
    error = await refusal_of(call.read())
    assert (error.code, field_of(error)) == (grpc.StatusCode.INVALID_ARGUMENT, field)


async def test_a_change_to_an_unknown_symbol_ends_the_stream(scans: ScanServiceStub) -> None:
    change = StreamScanRequest(change=ChangeScan(spec=ScanSpec(underlying="NOPE")))
    call = scans.StreamScan(iter([opening(), change]), timeout=TIMEOUT)
    error = await refusal_of(call.read())
    assert (error.code, field_of(error)) == (grpc.StatusCode.NOT_FOUND, "change.spec.underlying")


@pytest.mark.parametrize("seconds", [-1.0, 61.0])
async def test_a_watch_with_a_wrong_interval_is_refused(scans: ScanServiceStub, seconds: float) -> None:
    call = scans.WatchScan(WatchScanRequest(spec=spec(), min_interval_seconds=seconds), timeout=TIMEOUT)
    error = await refusal_of(call.read())
    assert (error.code, field_of(error)) == (grpc.StatusCode.INVALID_ARGUMENT, "min_interval_seconds")
