"""Every spread of a real scan explained: the client's curves against the server's figures."""

import asyncio
import math
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import Parse
from hypothesis import given, settings
from hypothesis import strategies as st
from spreadmesh.scan.v1.candidate_pb2 import Candidate
from spreadmesh.scan.v1.scan_service_pb2 import RunScanResponse
from spreadmesh.scan.v1.spec_pb2 import Range, ScanFilters, ScanSpec
from spreadmesh_client import connect
from spreadmesh_client.cli.addresses import find_addresses
from spreadmesh_client.payoff.spread import at_expiration, is_share, today

# Later legs are priced again; the server looks for extremes and breakevens by bracketing.
REPRICED = 1e-4


def succeeded(run: Any) -> str:
    assert run.returncode == 0, run.stderr
    output: str = run.stdout
    return output


@pytest.fixture(scope="module")
def scan(running: Any) -> RunScanResponse:
    """The best of every strategy on a chain that is nearly all quoted; each is checked on its own surface."""
    address = find_addresses(None, None, Path(running.environment["SPREADMESH_STATE_DIR"])).scan
    return asyncio.run(best_of_every_strategy(address))


async def best_of_every_strategy(address: str) -> RunScanResponse:
    filters = ScanFilters(
        days_to_expiration=Range(lower=5, upper=40),
        strike=Range(lower=560, upper=620),
        clear_defaults=["all"],
    )
    found = RunScanResponse()
    async with connect(scan=address) as client:
        for strategy in await client.scans.list_strategies():
            spec = ScanSpec(
                underlying="SPY",
                strategies=[strategy.name],
                filters=filters,
                include_undefined_risk=True,
                limit=100,
            )
            response = await client.scans.run_scan(spec, min_coverage=0.9, timeout_seconds=60)
            check(response)
            found.candidates.extend(response.candidates)
            found.surface.CopyFrom(response.surface)
    assert len({candidate.strategy for candidate in found.candidates}) >= 10
    return found


def check(response: RunScanResponse) -> None:
    """Each candidate on the surface that it came with."""
    for candidate in response.candidates:
        final, now = at_expiration(candidate, response.surface), today(candidate, response.surface)
        if now is None:
            assert any(not is_share(leg) and not leg.HasField("implied_volatility") for leg in candidate.legs)
        else:
            check_today(candidate, now.profit, response.surface.spot)
        assert final is not None
        tolerance = tolerance_of(candidate)
        check_extremes(candidate, final.profit, tolerance)
        check_breakevens(candidate, final.profit, tolerance)


def check_today(candidate: Candidate, profit: Any, spot: float) -> None:
    # Spot is frozen in the surface, while a share leg is quoted live.
    moved = sum(spot - leg.mid for leg in candidate.legs if is_share(leg))
    assert profit(spot) == pytest.approx(candidate.net_mid - candidate.fill_price + moved, abs=1e-6)
    step = 1e-3 * spot
    slope = (profit(spot + step) - profit(spot - step)) / (2 * step)
    assert slope == pytest.approx(candidate.delta, abs=5e-3)


def tolerance_of(candidate: Candidate) -> float:
    dates = {leg.expiration for leg in candidate.legs if not is_share(leg)}
    return (
        1e-9 * max(1.0, candidate.legs[0].strike) if len(dates) == 1 else REPRICED * max(candidate.width, 1.0)
    )


def check_extremes(candidate: Candidate, profit: Any, tolerance: float) -> None:
    is_repriced = tolerance >= REPRICED
    prices = [leg.strike for leg in candidate.legs if not is_share(leg)] + ([] if is_repriced else [0.0])
    highest, lowest = max(map(profit, prices)), min(map(profit, prices))
    assert highest <= candidate.max_profit + tolerance
    assert lowest >= -candidate.max_loss - tolerance
    if is_repriced:
        return  # extremes are sought within six deviations, and some lie between the strikes
    assert math.isinf(candidate.max_profit) or highest == pytest.approx(candidate.max_profit, abs=tolerance)
    assert math.isinf(candidate.max_loss) or lowest == pytest.approx(-candidate.max_loss, abs=tolerance)
    rise = profit(1e6) - profit(1e5)
    assert math.isinf(candidate.max_profit) == (rise > 1)
    assert math.isinf(candidate.max_loss) == (rise < -1)


def check_breakevens(candidate: Candidate, profit: Any, tolerance: float) -> None:
    found = list(candidate.breakevens)
    for breakeven in found:
        assert profit(breakeven) == pytest.approx(0, abs=tolerance)
    edges = [0.9 * found[0], *found, 1.1 * found[-1]] if found else []
    middles = [(left + right) / 2 for left, right in pairwise(edges)]
    signs = [profit(middle) > 0 for middle in middles]
    assert all(one != other for one, other in pairwise(signs))


@settings(deadline=None)
@given(st.data())
def test_no_profit_is_beyond_the_extremes(scan: RunScanResponse, data: st.DataObject) -> None:
    candidate = data.draw(st.sampled_from(list(scan.candidates)))
    final = at_expiration(candidate, scan.surface)
    assert final is not None
    if tolerance_of(candidate) >= REPRICED:
        return
    profit = final.profit(data.draw(st.floats(0, 3000)))
    assert -candidate.max_loss - 1e-6 <= profit <= candidate.max_profit + 1e-6


@pytest.mark.parametrize("columns", ["80", "120"])
def test_everything_is_shown_within_the_width(running: Any, columns: str) -> None:
    running.environment["COLUMNS"] = columns
    output = succeeded(
        running("scan", "SPY", "--strategy", "iron_condor", "--explain", "2", "--min-coverage", "0.9")
    )
    running.environment["COLUMNS"] = "150"
    lines = output.splitlines()
    assert lines[0].startswith("#2 iron condor")
    assert max(len(line) for line in lines) <= int(columns)
    text = " ".join(output.split())
    assert text.count("◆") >= 4
    assert all(part in text for part in ("strikes", "breakevens", "spot", "Bid Ask Mid", "IV Delta Gamma"))
    adds = [float(line.split()[3]) for line in lines if "%  0." in line and "█" in line]
    total = next(float(line.split()[1]) for line in lines if line.startswith("sum"))
    assert sum(adds) == pytest.approx(total, abs=2e-3)
    assert "probability_of_profit" in text
    assert "USD per share" in text


def test_json_is_the_candidate_of_that_rank(running: Any) -> None:
    explained = Parse(
        succeeded(running("scan", "SPY", "--explain", "3", "--min-coverage", "0.9", "--json")), Candidate()
    )
    assert explained.legs


def test_the_drawing_is_saved(running: Any, tmp_path: Path) -> None:
    for name, begins in (("a.png", b"\x89PNG"), ("b.svg", b"<?xml")):
        run = running(
            "scan", "SPY", "--explain", "1", "--min-coverage", "0.5", "--plot", str(tmp_path / name)
        )
        assert f"Saved {tmp_path / name}" in "".join(run.stderr.split("\n"))
        assert (tmp_path / name).read_bytes().startswith(begins)


def test_a_rank_beyond_the_list_says_how_long_it_is(running: Any) -> None:
    run = running("scan", "SPY", "--limit", "5", "--explain", "7", "--min-coverage", "0.5")
    assert run.returncode == 1
    assert "--explain: there is no rank 7: 5 spreads are in the ranking" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--explain", "0"], "--explain"),
        (["--explain", "1", "--watch"], "exclude each other"),
        (["--plot", "a.png"], "--plot needs --explain"),
        (["--explain", "1", "--plot", "a.gif"], ".png or .svg"),
        (["--explain", "1", "--plot", "/nowhere/a.png"], "no such folder"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_a_wish_that_cannot_be_is_refused_before_the_scan(
    running: Any, arguments: list[str], said: str
) -> None:
    run = running("scan", "NOPE", *arguments)
    assert run.returncode == 2
    assert said in " ".join(run.stderr.replace("│", "").split())


def test_without_matplotlib_a_plot_says_what_to_install(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['matplotlib'] = None; from spreadmesh_client.cli import main; "
        "sys.argv[0] = 'spreadmesh'; main()"
    )
    options = ["scan", "SPY", "--explain", "1", "--plot", str(tmp_path / "a.png")]
    command = [sys.executable, "-c", program, *options]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 2
    assert "install spreadmesh[plot]" in run.stderr
