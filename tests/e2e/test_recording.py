"""A session recorded through the proxy replays to the same rankings."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import ROOT, mesh_up
from tests.tws_sim.process import SimulatorProcess

DAY = ["--symbol", "GOOG", "--date", "2015-12-24", "--start", "10:30"]
SCAN = ["scan", "GOOG", "--min-dte", "7", "--max-dte", "30", "--min-coverage", "1", "--limit", "20"]


@contextmanager
def tws_sim(*arguments: str) -> Iterator[str]:
    """A command of the simulator that serves a gateway's port; its address."""
    command = [sys.executable, "-m", "tws_sim", *arguments, "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["tws"]
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0


def ranking(state: Path, gateway: str) -> Any:
    """What a mesh on this gateway ranks once every contract has been quoted."""
    with mesh_up(state, "--tws", gateway, "--lines", "300") as mesh:
        return mesh.json(*SCAN)


def spreads(answer: Any) -> list[tuple[Any, ...]]:
    return [
        (c["strategy"], tuple((leg["con_id"], leg["quantity"], leg["bid"], leg["ask"]) for leg in c["legs"]))
        for c in answer["candidates"]
    ]


def test_the_same_spreads_in_the_same_order(tmp_path: Path) -> None:
    file = tmp_path / "session"
    day = ["replay", "--data", str(ROOT / "tests/data/lean"), *DAY, "--lines", "300"]
    with SimulatorProcess(day) as gateway:
        upstream = gateway.addresses["tws"]
        with tws_sim("record", "--upstream", upstream, "--out", str(file)) as proxy:
            live = ranking(tmp_path / "live", proxy)
    with tws_sim("replay-recording", str(file)) as replayed:
        again = ranking(tmp_path / "again", replayed)
    assert len(live["candidates"]) == 20
    assert spreads(again) == spreads(live)
    for before, after in zip(live["candidates"], again["candidates"], strict=True):
        assert after["score"] == pytest.approx(before["score"], abs=1e-4)
        assert after["expected_value"] == pytest.approx(before["expected_value"], abs=1e-3)
