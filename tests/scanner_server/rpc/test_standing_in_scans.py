"""Scans that ask for what volatility was, with a history that comes when the test lets it."""

import asyncio
from typing import Final

import numpy as np
import pytest
from spreadmesh.market.v1.history_pb2 import (
    HISTORY_KIND_HISTORICAL_VOLATILITY,
    HISTORY_KIND_IMPLIED_VOLATILITY,
)
from spreadmesh.scan.v1.scan_service_pb2 import RunScanRequest, RunScanResponse, WatchScanRequest
from spreadmesh.scan.v1.scan_service_pb2_grpc import ScanServiceStub
from spreadmesh.scan.v1.spec_pb2 import FigureRange, Range, ScanFilters, ScanSpec

from scanner_server.live import single_scan
from tests.scanner_server.scripted_market import CONTRACTS, VOLATILITY, ScriptedMarket

TIMEOUT = 20
PLAIN = ScanSpec(underlying="ACME", strategies=["vertical"])
REALIZED = ScanSpec(underlying="ACME", strategies=["vertical"], forecast_realized=True)
RANKED = ScanSpec(underlying="ACME", strategies=["vertical"], rank_by="iv_rank")


EXPECTATIONS: Final = (
    *("expected_value", "expected_gain", "expected_loss", "average_gain"),
    *("expected_value_cash", "margin_efficiency", "kelly_fraction"),
)


def expected_values(response: RunScanResponse) -> list[float]:
    return [candidate.expected_value for candidate in response.candidates]


def filtered(low: float, high: float) -> ScanSpec:
    wanted = FigureRange(figure="iv_percentile", range=Range(lower=low, upper=high))
    return ScanSpec(underlying="ACME", strategies=["vertical"], filters=ScanFilters(figures=[wanted]))


async def begun(
    scans: ScanServiceStub, market: ScriptedMarket, spec: ScanSpec
) -> "asyncio.Task[RunScanResponse]":
    """A scan that has got its quotes."""
    call = scans.RunScan(RunScanRequest(spec=spec), timeout=TIMEOUT)
    answer = asyncio.ensure_future(call)
    await market.until(lambda: len(market.stream.asked) == len(CONTRACTS) + 1)
    market.stream.send_everything()
    return answer


async def waited(scans: ScanServiceStub, market: ScriptedMarket, spec: ScanSpec) -> RunScanResponse:
    """What a scan answers that waits for the history, which comes when all quotes have."""
    market.tells_past.clear()
    answer = await begun(scans, market, spec)
    await market.until(lambda: market.stream.granted == 1)
    assert not answer.done()
    market.tells_past.set()
    return await answer


@pytest.mark.parametrize("spec", [RANKED, filtered(0.6, 0.9)])
async def test_one_that_asks_for_it_waits_for_the_history(
    scans: ScanServiceStub, market: ScriptedMarket, spec: ScanSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_scan, "FIRST_SURFACE_SECONDS", 2.0 * TIMEOUT)  # never of its own accord
    market.past = np.linspace(VOLATILITY - 0.15, VOLATILITY + 0.05, 252).tolist()
    response = await waited(scans, market, spec)
    assert response.candidates
    for candidate in response.candidates:
        assert candidate.iv_rank == pytest.approx(0.75, abs=0.05)
        assert candidate.iv_percentile == pytest.approx(0.75, abs=0.05)


async def test_one_that_does_not_ask_for_it_does_not_wait(
    scans: ScanServiceStub, market: ScriptedMarket
) -> None:
    market.tells_past.clear()
    response = await (await begun(scans, market, PLAIN))
    assert response.candidates
    assert not any(candidate.HasField("iv_rank") for candidate in response.candidates)
    market.tells_past.set()


async def test_without_a_history_the_filter_turns_all_away_and_says_so(
    scans: ScanServiceStub, market: ScriptedMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_scan, "FIRST_SURFACE_SECONDS", 2.0 * TIMEOUT)
    response = await (await begun(scans, market, filtered(0.0, 1.0)))
    assert not response.candidates
    assert response.basis.turned_away["iv_percentile"] > 0


async def test_the_wait_ends_like_that_for_a_first_surface(
    scans: ScanServiceStub, market: ScriptedMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_scan, "FIRST_SURFACE_SECONDS", 0.5)
    market.tells_past.clear()
    response = await (await begun(scans, market, filtered(0.0, 1.0)))
    assert not response.candidates
    market.tells_past.set()


async def test_expected_values_under_the_realized_volatility_are_those_under_the_same_number(
    scans: ScanServiceStub, market: ScriptedMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_scan, "FIRST_SURFACE_SECONDS", 2.0 * TIMEOUT)
    market.past, market.realized = [0.5] * 252, [0.9, 0.41]
    realized = await waited(scans, market, REALIZED)
    number = ScanSpec(underlying="ACME", strategies=["vertical"], forecast_volatility=0.41)
    same = await scans.RunScan(RunScanRequest(spec=number), timeout=TIMEOUT)
    assert realized.candidates
    assert expected_values(realized) == pytest.approx(expected_values(same), rel=1e-6)
    plain = await scans.RunScan(RunScanRequest(spec=PLAIN), timeout=TIMEOUT)
    assert expected_values(plain) != pytest.approx(expected_values(same), rel=0.1)


async def test_without_a_realized_volatility_expected_values_are_absent(
    scans: ScanServiceStub, market: ScriptedMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_scan, "FIRST_SURFACE_SECONDS", 2.0 * TIMEOUT)
    market.past = [0.5] * 252
    response = await (await begun(scans, market, REALIZED))
    assert response.candidates
    for candidate in response.candidates:
        assert candidate.HasField("iv_percentile")
        assert candidate.HasField("probability_of_profit")
        assert not any(candidate.HasField(name) for name in EXPECTATIONS)


async def test_realized_volatilities_are_fetched_for_those_who_use_them(
    scans: ScanServiceStub, market: ScriptedMarket
) -> None:
    market.past, market.realized = [0.5] * 252, [0.41]
    await (await begun(scans, market, PLAIN))
    assert set(market.histories_asked) == {HISTORY_KIND_IMPLIED_VOLATILITY}
    market.tells_past.clear()
    stream = scans.WatchScan(WatchScanRequest(spec=REALIZED), timeout=TIMEOUT)
    assert not (await anext(aiter(stream))).ranking.candidates[0].HasField("expected_value")
    market.tells_past.set()
    async for response in stream:
        if response.ranking.candidates[0].HasField("expected_value"):
            break
    stream.cancel()
    assert market.histories_asked[-1] == HISTORY_KIND_HISTORICAL_VOLATILITY
