"""What volatility was, through three real processes: from the gateway's history to figures and filters."""

import asyncio
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import QuantLib
from scipy import stats
from spreadmesh.common.v1.contract_pb2 import Right
from spreadmesh.market.v1.history_pb2 import (
    HISTORY_KIND_HISTORICAL_VOLATILITY,
    HISTORY_KIND_IMPLIED_VOLATILITY,
    GetDailyHistoryRequest,
    HistoryKind,
)
from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceStub
from spreadmesh.scan.v1.candidate_pb2 import Candidate
from spreadmesh.scan.v1.scan_service_pb2 import RunScanRequest, RunScanResponse
from spreadmesh.scan.v1.scan_service_pb2_grpc import ScanServiceStub
from spreadmesh.scan.v1.spec_pb2 import FigureRange, Range, ScanFilters, ScanSpec

from mesh.channel import open_channel
from scanner_server.volatility.kind import VolatilityKind
from scanner_server.volatility.store import VolatilityStore
from tests.ibkr_server.process import IbkrServerProcess
from tests.processes import ServerProcess
from tests.tws_sim.process import SimulatorProcess
from tws_sim.control.client import ask

START_SECONDS = 90.0
"""The first start of all: the scanner may compile."""
HISTORY_SECONDS = 30.0
MONTH = 30 / 365


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorProcess]:
    market = ["synthetic", "--symbols", "SPY,QQQ", "--seed", "11", "--ticks-per-second", "200"]
    with SimulatorProcess([*market, "--lines", "3000"]) as running:
        yield running


@pytest.fixture(scope="module")
def market(simulator: SimulatorProcess) -> Iterator[IbkrServerProcess]:
    with IbkrServerProcess(simulator.port, {"MAX_SUBSCRIPTIONS": "3000"}) as server:
        server.until_serving()
        yield server


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state") / "volatility.sqlite3"


@pytest.fixture(scope="module")
def scanner(market: IbkrServerProcess, file: Path) -> Iterator[ServerProcess]:
    settings = {"IBKR_SERVER": market.address, "VOLATILITY_FILE": str(file)}
    with ServerProcess("scanner_server", settings) as server:
        server.until_serving(START_SECONDS)
        yield server


def spec(symbol: str, rank_by: str = "score", **figures: tuple[float, float]) -> ScanSpec:
    ranges = [
        FigureRange(figure=name, range=Range(lower=low, upper=high)) for name, (low, high) in figures.items()
    ]
    filters = ScanFilters(days_to_expiration=Range(lower=20, upper=40), figures=ranges)
    return ScanSpec(underlying=symbol, strategies=["vertical"], filters=filters, rank_by=rank_by)


async def scanned(
    server: ServerProcess,
    wanted: ScanSpec,
    until: Callable[[RunScanResponse], object] = lambda _ranking: True,
) -> RunScanResponse:
    """A ranking for which `until` holds; scans never wait for the history, so the first may be without."""
    deadline = time.monotonic() + HISTORY_SECONDS
    async with open_channel(server.address) as channel:
        while True:
            ranking = await ScanServiceStub(channel).RunScan(RunScanRequest(spec=wanted), timeout=30)
            if until(ranking):
                return ranking
            assert time.monotonic() < deadline, ranking.basis
            await asyncio.sleep(0.1)


def has_percentile(ranking: RunScanResponse) -> bool:
    return bool(ranking.candidates) and ranking.candidates[0].HasField("iv_percentile")


@contextmanager
def silent_history(simulator: SimulatorProcess) -> Iterator[None]:
    """The gateway answers no request for history inside the block."""
    control, options = simulator.addresses["control"], {"request": "reqHistoricalData"}
    ask(control, command="fault", name="silence", options=options)
    try:
        yield
    finally:
        ask(control, command="lift", name="silence")


async def restart(scanner: ServerProcess) -> None:
    await asyncio.to_thread(scanner.start)
    await asyncio.to_thread(scanner.until_serving, START_SECONDS)


async def until_kept(file: Path) -> None:
    deadline = time.monotonic() + 10
    while await asyncio.to_thread(VolatilityStore(file).load, "SPY", VolatilityKind.IMPLIED) is None:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def past_of(
    market: IbkrServerProcess, symbol: str, kind: HistoryKind = HISTORY_KIND_IMPLIED_VOLATILITY
) -> list[float]:
    """The year before today, as anybody can ask for it."""
    request = GetDailyHistoryRequest(symbol=symbol, kind=kind, days=260)
    async with open_channel(market.address) as channel:
        answer = await MarketDataServiceStub(channel).GetDailyHistory(request, timeout=30)
    today = answer.market_time.ToDatetime().strftime("%Y-%m-%d")
    return [bar.close for bar in answer.bars if bar.date < today][-252:]


def volatility_in_a_month(ranking: RunScanResponse) -> float:
    """From the surface as it was answered."""
    known = [one for one in ranking.surface.expirations if one.HasField("atm_volatility")]
    before = [one for one in known if one.years <= MONTH][-1]
    after = next(one for one in known if one.years > MONTH)
    share = (MONTH - before.years) / (after.years - before.years)
    near, far = (one.atm_volatility**2 * one.years for one in (before, after))
    return math.sqrt((near + share * (far - near)) / MONTH)


async def test_rank_and_percentile_of_now_within_the_gateway_s_history(
    market: IbkrServerProcess, scanner: ServerProcess
) -> None:
    ranking = await scanned(scanner, spec("SPY"), has_percentile)
    now, past = volatility_in_a_month(ranking), await past_of(market, "SPY")
    assert len(past) == 252
    (rank,) = {candidate.iv_rank for candidate in ranking.candidates}
    (percentile,) = {candidate.iv_percentile for candidate in ranking.candidates}
    expected = (now - min(past)) / (max(past) - min(past))
    assert rank == pytest.approx(min(max(expected, 0), 1), abs=1e-9)
    assert percentile == pytest.approx(stats.percentileofscore(past, now, kind="strict") / 100, abs=1e-9)


def expected_value(ranking: RunScanResponse, candidate: Candidate, volatility: float) -> float:
    """From the forward as it was answered, by QuantLib."""
    surface = next(e for e in ranking.surface.expirations if e.expiration == candidate.expiration)
    deviation = volatility * math.sqrt(surface.years)
    kinds = {Right.RIGHT_CALL: QuantLib.Option.Call, Right.RIGHT_PUT: QuantLib.Option.Put}
    payoff = sum(
        leg.quantity * QuantLib.blackFormula(kinds[leg.right], leg.strike, surface.forward, deviation)
        for leg in candidate.legs
    )
    return payoff - math.exp(ranking.surface.rate * surface.years) * candidate.fill_price


async def test_expected_values_at_the_realized_volatility_of_the_gateway_s_history(
    market: IbkrServerProcess, scanner: ServerProcess
) -> None:
    wanted = spec("SPY")
    wanted.forecast_realized = True
    ranking = await scanned(scanner, wanted)  # it waits for the history
    volatility = (await past_of(market, "SPY", HISTORY_KIND_HISTORICAL_VOLATILITY))[-1]
    assert ranking.candidates
    for candidate in ranking.candidates:
        expected = expected_value(ranking, candidate, volatility)
        assert candidate.expected_value == pytest.approx(expected, abs=1e-6)
        other = expected_value(ranking, candidate, 1.1 * volatility)
        assert candidate.expected_value != pytest.approx(other, abs=1e-4)


async def test_a_scan_is_filtered_by_percentile_and_ranked_by_rank(scanner: ServerProcess) -> None:
    percentile = (await scanned(scanner, spec("SPY"), has_percentile)).candidates[0].iv_percentile
    around = (percentile - 0.1, percentile + 0.1)
    kept = await scanned(scanner, spec("SPY", rank_by="iv_rank", iv_percentile=around))
    assert kept.candidates
    assert all(around[0] <= candidate.iv_percentile <= around[1] for candidate in kept.candidates)
    above = await scanned(scanner, spec("SPY", iv_percentile=(percentile + 0.2, 2.0)))
    assert not above.candidates
    assert above.basis.turned_away["iv_percentile"] > 0
    assert not (await scanned(scanner, spec("SPY", iv_rank=(-1.0, -0.5)))).candidates


async def test_a_scan_does_not_wait_for_a_history_that_does_not_come(
    simulator: SimulatorProcess, scanner: ServerProcess
) -> None:
    with silent_history(simulator):
        ranking = await scanned(scanner, spec("QQQ"), lambda ranking: ranking.candidates)
        assert not ranking.candidates[0].HasField("iv_rank")
        assert not ranking.candidates[0].HasField("iv_percentile")
        assert not (await scanned(scanner, spec("QQQ", iv_percentile=(0.0, 1.0)))).candidates


async def test_a_killed_scanner_has_its_history_from_disk_and_a_ruined_file_is_begun_anew(
    simulator: SimulatorProcess, scanner: ServerProcess, file: Path
) -> None:
    found = await scanned(scanner, spec("SPY"), has_percentile)
    await until_kept(file)
    scanner.kill()
    with silent_history(simulator):
        await restart(scanner)
        again = await scanned(scanner, spec("SPY"), has_percentile)
        assert again.candidates[0].iv_rank == pytest.approx(found.candidates[0].iv_rank, abs=0.1)
        scanner.kill()
    await asyncio.to_thread(file.write_bytes, b"nonsense" * 1000)
    await restart(scanner)
    await scanned(scanner, spec("SPY"), has_percentile)
    await until_kept(file)
