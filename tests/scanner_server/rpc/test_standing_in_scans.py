"""Scans that ask where volatility stands in its past, with a history that comes when the test lets it."""

import asyncio

import numpy as np
import pytest
from spreadmesh.scan.v1.scan_service_pb2 import RunScanRequest, RunScanResponse
from spreadmesh.scan.v1.scan_service_pb2_grpc import ScanServiceStub
from spreadmesh.scan.v1.spec_pb2 import FigureRange, Range, ScanFilters, ScanSpec

from scanner_server.live import single_scan
from tests.scanner_server.scripted_market import CONTRACTS, VOLATILITY, ScriptedMarket

TIMEOUT = 20
PLAIN = ScanSpec(underlying="ACME", strategies=["vertical"])
RANKED = ScanSpec(underlying="ACME", strategies=["vertical"], rank_by="iv_rank")


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


@pytest.mark.parametrize("spec", [RANKED, filtered(0.6, 0.9)])
async def test_one_that_asks_for_it_waits_for_the_history(
    scans: ScanServiceStub, market: ScriptedMarket, spec: ScanSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_scan, "FIRST_SURFACE_SECONDS", 2.0 * TIMEOUT)  # never of its own accord
    market.past = np.linspace(VOLATILITY - 0.15, VOLATILITY + 0.05, 252).tolist()
    market.tells_past.clear()
    answer = await begun(scans, market, spec)
    await market.until(lambda: market.stream.granted == 1)
    assert not answer.done()
    market.tells_past.set()
    response = await answer
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
