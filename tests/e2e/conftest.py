"""Whole meshes, started and asked by the commands that a user types."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = str(Path(sys.executable).with_name("spreadmesh"))
READY_SECONDS = 15.0


@dataclass(frozen=True)
class Mesh:
    """A running `spreadmesh up` with a state folder of its own."""

    process: subprocess.Popen[str]
    addresses: dict[str, Any]
    environment: dict[str, str]

    def run(self, *arguments: str, timeout: float = 100) -> subprocess.CompletedProcess[str]:
        """A `spreadmesh` command against this mesh."""
        return subprocess.run(
            [COMMAND, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def json(self, *arguments: str, timeout: float = 100) -> Any:
        """What a command with --json prints."""
        done = self.run(*arguments, "--json", timeout=timeout)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def watch(self, *arguments: str, until: Callable[[list[Any]], bool]) -> list[Any]:
        """The rankings of `scan --watch --json`, ended by Ctrl-C once `until` holds for them."""
        command = [COMMAND, "scan", *arguments, "--watch", "--json"]
        rankings: list[Any] = []
        with subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True) as watching:
            assert watching.stdout is not None
            for line in watching.stdout:
                rankings.append(json.loads(line))
                if until(rankings):
                    break
            watching.send_signal(signal.SIGINT)
            watching.communicate(timeout=10)
            assert watching.returncode == 0
        return rankings

    def counters(self) -> dict[str, Any]:
        """The simulator's own counts."""
        command = [sys.executable, "-m", "tws_sim", "counters", "--control", self.addresses["tws_control"]]
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
        return dict(json.loads(done.stdout)["total"])


@contextmanager
def mesh_up(state: Path, *arguments: str, trace_batch_ratio: float = 0.2) -> Iterator[Mesh]:
    """`spreadmesh up --json`, and the end of all its processes by Ctrl-C."""
    settings = {"SPREADMESH_STATE_DIR": str(state), "TRACE_BATCH_RATIO": str(trace_batch_ratio)}
    environment = os.environ | settings
    command = [COMMAND, "up", *arguments, "--json", "--port-base", "0", "--ready-timeout", str(READY_SECONDS)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "not ready in time"
        mesh = Mesh(process, json.loads(line), environment)
        try:
            yield mesh
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
    assert not [pid for pid in mesh.addresses["pids"].values() if Path(f"/proc/{pid}").exists()]


@pytest.fixture(scope="session")
def lean_folder() -> Path:
    """Minute bars of GOOG on 2015-12-24: the whole day where it is at hand, a piece of it otherwise."""
    given = os.environ.get("SPREADMESH_LEAN_DATA")
    folders = [Path(given)] if given else [ROOT.parent / "shared/data/lean", ROOT / "tests/data/lean"]
    return next(folder for folder in folders if folder.is_dir())


@pytest.fixture(scope="session")
def goog_day(lean_folder: Path) -> list[str]:
    """Arguments of `spreadmesh up` that replay it."""
    day = ["--symbol", "GOOG", "--date", "2015-12-24", "--start", "10:30", "--speed", "10"]
    return ["--replay", str(lean_folder), *day]
