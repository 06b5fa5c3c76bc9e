"""RunScan through a real channel, with quotes from a scripted market."""

import asyncio
import math

import grpc
import pytest
from opentelemetry.trace import SpanContext, TraceFlags
from spreadmesh.common.v1.feed_pb2 import DataOrigin
from spreadmesh.scan.v1.scan_service_pb2 import RunScanRequest, RunScanResponse
from spreadmesh.scan.v1.scan_service_pb2_grpc import ScanServiceStub
from spreadmesh.scan.v1.spec_pb2 import ScanFilters, ScanSpec

from mesh.errors import from_rpc_error
from mesh.telemetry.context import pack_context, unpack_context
from scanner_server.live import single_scan
from scanner_server.translation.times import seconds_of
from tests.scanner_server.scripted_market import CONTRACTS, NOON, SHARE, SPOT, ScriptedMarket

SPEC = ScanSpec(underlying="ACME", strategies=["vertical"])
TIMEOUT = 20


def run(scans: ScanServiceStub, spec: ScanSpec = SPEC, **fields: float) -> "asyncio.Future[RunScanResponse]":
    return asyncio.ensure_future(scans.RunScan(RunScanRequest(spec=spec, **fields), timeout=TIMEOUT))


async def test_subscribes_ranks_and_explains(scans: ScanServiceStub, market: ScriptedMarket) -> None:
    answer = run(scans)
    await market.until(lambda: len(market.stream.asked) == len(CONTRACTS) + 1)
    assert market.stream.asked[SHARE] == max(market.stream.asked.values())
    market.stream.send_everything()
    response = await answer

    assert response.surface.spot == pytest.approx(SPOT)
    assert NOON <= seconds_of(response.market_time) < NOON + TIMEOUT
    assert [item.expiration for item in response.surface.expirations] == ["2026-03-20", "2026-04-17"]
    assert response.surface.expirations[0].atm_volatility == pytest.approx(0.25, abs=0.01)
    assert len(response.surface.expirations[0].smile_x) > 5
    basis = response.basis
    assert (basis.contracts_known, basis.contracts_asked, basis.contracts_quoted) == (68, 68, 68)
    assert (basis.coverage, basis.origin, basis.stale) == (1.0, DataOrigin.DATA_ORIGIN_LIVE, False)
    assert basis.candidates_formed > sum(basis.turned_away.values()) > 0
    assert 0 <= basis.median_quote_age <= basis.oldest_quote_age < TIMEOUT
    assert 0 < basis.scan_seconds < 60
    scores = [candidate.score for candidate in response.candidates]
    assert len(scores) == 20
    assert scores == sorted(scores, reverse=True)


async def test_a_candidate_adds_up(scans: ScanServiceStub, market: ScriptedMarket) -> None:
    answer = run(scans)
    await market.until(lambda: len(market.stream.asked) == len(CONTRACTS) + 1)
    market.stream.send_everything()
    for candidate in (await answer).candidates:
        low, high = candidate.legs
        assert low.strike < high.strike
        assert low.quantity == -high.quantity
        assert candidate.net_mid == pytest.approx(sum(leg.quantity * leg.mid for leg in candidate.legs))
        assert candidate.max_profit + candidate.max_loss == pytest.approx(high.strike - low.strike)
        assert candidate.fee == pytest.approx(1.3)
        assert candidate.max_profit_cash == pytest.approx(100 * candidate.max_profit - 1.3)
        assert 0 < candidate.probability_of_profit < 1
        assert candidate.delta == pytest.approx(sum(leg.quantity * leg.delta for leg in candidate.legs))
        assert CONTRACTS[low.con_id].strike == low.strike
        assert low.local_symbol == CONTRACTS[low.con_id].local_symbol
        assert candidate.candidate_id == 0


async def test_a_strike_filter_still_gets_the_whole_smile(
    scans: ScanServiceStub, market: ScriptedMarket
) -> None:
    spec = ScanSpec(underlying="ACME", strategies=["bull_put"])
    spec.filters.expirations.append("2026-03-20")
    spec.filters.strike.upper = 100
    answer = run(scans, spec)
    await market.until(lambda: len(market.stream.asked) == 34 + 1)
    wanted = market.stream.asked
    puts_below = [
        c.con_id for c in CONTRACTS.values() if c.right == 2 and c.strike <= 100 and c.con_id in wanted
    ]
    assert len({wanted[con_id] for con_id in puts_below}) == 1
    assert wanted[puts_below[0]] > min(wanted.values())
    market.stream.send_quotes(wanted)
    response = await answer
    assert response.basis.contracts_asked == len(puts_below) == 9
    assert max(response.surface.expirations[0].smile_x) > math.log(1.1)


async def test_waits_for_the_coverage(scans: ScanServiceStub, market: ScriptedMarket) -> None:
    answer = run(scans, min_coverage=0.5)
    await market.until(lambda: len(market.stream.asked) == len(CONTRACTS) + 1)
    market.stream.send_quotes([SHARE, *list(CONTRACTS)[:33]])
    await market.until(lambda: market.stream.granted == 1)
    assert not answer.done()
    market.stream.send_quotes(list(CONTRACTS)[33:34])
    assert (await answer).basis.coverage == 0.5


async def test_says_how_far_the_coverage_came(scans: ScanServiceStub, market: ScriptedMarket) -> None:
    call = scans.RunScan(RunScanRequest(spec=SPEC, min_coverage=1.0), timeout=1)
    waiting = asyncio.ensure_future(call.code())
    await market.until(lambda: len(market.stream.asked) == len(CONTRACTS) + 1)
    market.stream.send_quotes([SHARE, *list(CONTRACTS)[:17]])
    assert await waiting is grpc.StatusCode.DEADLINE_EXCEEDED
    assert "25.0%" in await call.details()


async def test_without_a_price_it_is_unavailable(
    scans: ScanServiceStub, market: ScriptedMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_scan, "FIRST_SURFACE_SECONDS", 0.05)
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await run(scans)
    error = from_rpc_error(raised.value)
    assert error.code is grpc.StatusCode.UNAVAILABLE
    assert error.retry_after_seconds == 1.0


async def test_with_a_price_alone_it_answers_that_nothing_is_quoted(
    scans: ScanServiceStub, market: ScriptedMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_scan, "FIRST_SURFACE_SECONDS", 0.3)
    answer = run(scans)
    await market.until(lambda: len(market.stream.asked) == len(CONTRACTS) + 1)
    market.stream.send_quotes([SHARE])
    response = await answer
    assert not response.candidates
    assert response.basis.coverage == 0
    assert not response.basis.HasField("median_quote_age")
    assert not response.surface.expirations[0].HasField("atm_volatility")


async def test_the_trace_of_a_quote_goes_on_to_the_ranking(
    scans: ScanServiceStub, market: ScriptedMarket
) -> None:
    sampled = SpanContext(trace_id=0xABCDEF, span_id=0x123456, is_remote=True, trace_flags=TraceFlags(1))
    answer = run(scans)
    await market.until(lambda: len(market.stream.asked) == len(CONTRACTS) + 1)
    market.stream.send_everything(trace_context=pack_context(sampled))
    basis = (await answer).basis
    assert unpack_context(basis.trace_context).trace_id == sampled.trace_id


async def test_a_ranking_without_a_sampled_change_goes_on_from_the_latest_sampled_batch(
    scans: ScanServiceStub, market: ScriptedMarket
) -> None:
    sampled = SpanContext(trace_id=0xABCDEF, span_id=0x123456, is_remote=True, trace_flags=TraceFlags(1))
    answer = run(scans)
    await market.until(lambda: len(market.stream.asked) == len(CONTRACTS) + 1)
    market.stream.send_everything(trace_context=pack_context(sampled))
    first = await answer
    market.stream.send_everything(spot=SPOT + 1)
    second = await run(scans)
    assert second.candidates != first.candidates
    assert unpack_context(second.basis.trace_context).trace_id == sampled.trace_id


async def test_contracts_are_dropped_after_the_last_scan(
    scans: ScanServiceStub, market: ScriptedMarket
) -> None:
    first, second = run(scans), run(scans, ScanSpec(underlying="ACME", strategies=["bull_call"], limit=1))
    await market.until(lambda: len(market.stream.asked) == len(CONTRACTS) + 1)
    market.stream.send_everything()
    await asyncio.gather(first, second)
    await market.until(lambda: market.stream.asked == {})
    assert market.chain_requests == 1


async def test_survives_a_new_day(scans: ScanServiceStub, market: ScriptedMarket) -> None:
    answer = run(scans)
    await market.until(lambda: len(market.stream.asked) == len(CONTRACTS) + 1)
    market.stream.send_everything()
    await answer
    market.now += 86_400
    market.listed = [contract for contract in CONTRACTS.values() if contract.expiration == "2026-04-17"]
    await market.until(lambda: market.stream.credits == 8)
    market.stream.send_quotes([SHARE])
    await market.until(lambda: market.stream.granted == 2)
    response = await run(scans, ScanSpec(underlying="ACME", filters=ScanFilters(clear_defaults=["all"])))
    assert market.chain_requests == 2
    assert response.basis.contracts_known == 34
    assert response.basis.oldest_quote_age == pytest.approx(86_400, abs=TIMEOUT)
