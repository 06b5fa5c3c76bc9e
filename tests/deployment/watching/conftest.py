"""A mesh at work and a Prometheus that watches it."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deployment.watching.prometheus import Prometheus, prometheus
from tests.e2e.conftest import COMMAND, Mesh, mesh_up

SPREAD = ("--symbol", "SPY", "--strategy", "bull_put", "--min-coverage", "0.2")


@dataclass(frozen=True)
class Watched:
    """Both."""

    mesh: Mesh
    prometheus: Prometheus


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A display follows a ranking all the time, and one order has been filled."""
    folder: Path = tmp_path_factory.mktemp("watched")
    with mesh_up(folder, "--symbols", "SPY", "--lines", "300") as mesh:
        jobs = {
            "ibkr_server": mesh.addresses["market_metrics"],
            "scanner_server": mesh.addresses["scan_metrics"],
        }
        following = [COMMAND, "scan", "SPY", "--watch", "--json"]
        with (
            prometheus(folder, jobs) as server,
            subprocess.Popen(following, env=mesh.environment, stdout=subprocess.DEVNULL) as display,
        ):
            try:
                done = mesh.run("order", "place", "--from-scan", "1", *SPREAD, "--walk", "--yes")
                assert "filled 1 of 1" in done.stdout, done.stdout + done.stderr
                yield Watched(mesh, server)
            finally:
                display.terminate()
