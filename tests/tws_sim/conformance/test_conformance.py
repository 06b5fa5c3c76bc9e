"""Unmodified client libraries against the simulator, each a process of its own."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.tws_sim import lean_folder
from tests.tws_sim.process import SimulatorProcess

pytestmark = pytest.mark.timeout(300)  # the first run installs the libraries


def run(command: list[str], simulator: SimulatorProcess, option: list[str]) -> dict[str, Any]:
    done = subprocess.run(
        [*command, str(simulator.port), *option], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def check(seen: dict[str, Any], simulator: SimulatorProcess) -> None:
    """What holds of every client and market."""
    assert seen["problems"] == []
    assert seen["connected_at_the_end"] is False
    assert seen["accounts"] == ["DU4242424"]
    assert [float(value) for value in seen["net_liquidation"]] == [1_000_000]
    assert seen["positions"] == 0
    assert seen["version"] == (176 if seen["version"] > 157 else 157)
    assert seen["under_id"] == seen["share_id"]
    assert seen["time_zone"] == "US/Eastern"
    assert seen["bid_size"] > 0
    assert seen["share_bid"] < seen["share_ask"]
    assert 0.02 < seen["iv"] < 2
    assert 0 < seen["delta"] < 1
    assert seen["gamma"] > 0
    assert seen["vega"] > 0
    assert seen["theta"] < 0
    assert seen["und"] == pytest.approx(seen["share_bid"], rel=0.01)
    total = simulator.counters()["total"]
    assert total["lines_in_use"] == 0
    assert total["max_lines_in_use"] == 3
    assert total["errors"] == {"162": 1, "200": 1}
    check_the_rest(seen)


def check_the_rest(seen: dict[str, Any]) -> None:
    """Combinations, history, single ticks, depth, bars, computations, reference data, errors."""
    assert seen["errors"] == [162, 200]
    assert seen["unknown"] == 0
    assert float(seen["summary"]) == 1_000_000
    spot = pytest.approx(seen["share_bid"], rel=0.01)
    assert seen["bar_close"] == spot
    assert seen["live_bar"] == spot
    for bid, ask in (seen["depth"], seen["single_tick"]):
        assert bid == spot
        assert 0 < ask - bid < 0.5
    assert seen["rule"] == [[0, 0.01]]
    assert seen["symbols"] == [seen["share_id"]]
    assert 0 < seen["computed"] < 0.2 * seen["share_bid"]
    assert -1 < seen["spread"][0] < seen["spread"][1] < 6  # five dollars between the strikes


def test_synthetic(client_command: list[str]) -> None:
    start = ["--start", "2026-11-20T10:00:00", "--seed", "5", "--ticks-per-second", "1000"]
    with SimulatorProcess(["synthetic", "--symbols", "SPY,AAPL", *start]) as simulator:
        seen = run(client_command, simulator, ["SPY", "20261218", "590"])
        check(seen, simulator)
    assert seen["local_symbol"] == "SPY   261218C00590000"
    assert seen["share_id"] == 756733
    assert seen["trading_class"] == "SPY"
    assert seen["real_expiration"] == "20261218"
    assert seen["trading_hours"].startswith("20261120:0930-20261120:1600;20261121:CLOSED")
    assert len(seen["expirations"]) >= 8
    assert "20261224" in seen["expirations"]  # Friday the 25th is Christmas
    assert [590.0, "C"] in seen["chain"]
    assert [590.0, "P"] in seen["chain"]
    assert {strike for strike, _ in seen["chain"]} == set(seen["strikes"])
    assert 0 < seen["bid"] < seen["ask"]
    assert seen["bid"] <= seen["mark"] <= seen["ask"]
    assert seen["snapshot_bid"] == pytest.approx(seen["bid"], rel=0.1)
    assert seen["open_interest"] > 0
    assert seen["call_volume"] > 0
    assert seen["bars"] == 2  # the half hour since the opening, and the one that begins
    assert seen["head"][:4] == "2016"


def test_replay(client_command: list[str], tmp_path: Path) -> None:
    data = lean_folder.write(tmp_path)
    day = ["--data", str(data), "--symbol", "GOOG", "--date", "2015-12-24", "--start", "10:30"]
    with SimulatorProcess(["replay", *day]) as simulator:
        seen = run(client_command, simulator, ["GOOG", "20160115", "750"])
        check(seen, simulator)
    assert seen["share_id"] == 208813720
    assert seen["local_symbol"] == "GOOG  160116C00750000"
    assert seen["real_expiration"] == "20160116"
    assert seen["trading_hours"].startswith("20151224:0930-20151224:1300;20151225:CLOSED")
    assert seen["expirations"] == ["20151231", "20160115"]
    assert seen["strikes"] == [745, 750, 755, 990]
    assert len(seen["chain"]) == 6
    # At 10:30 the bars of 9:30 to 10:29 are known: 59 cents up from the first.
    assert seen["bid"] == pytest.approx(14.8 + 0.59)
    assert seen["ask"] == pytest.approx(15.2 + 0.59)
    assert seen["bid_size"] == 69
    assert seen["mark"] == pytest.approx(15.59)
    assert seen["snapshot_bid"] == pytest.approx(14.8 + 0.59)
    assert seen["open_interest"] == 750
    assert seen["share_last"] == 750
    assert seen["share_volume"] == 1000
    assert seen["call_volume"] == 5
    assert 1450971000 <= seen["epoch"] < 1450971060
    assert seen["bars"] == 3  # from 9:30 to 10:30, and the half hour that begins
    assert seen["head"] == "20151224"
