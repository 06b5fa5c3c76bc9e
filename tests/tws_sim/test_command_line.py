"""The command line as a process."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tws_sim import lean_folder
from tests.tws_sim.process import SimulatorProcess


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tws_sim", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_well_with_clients_connected(number: int) -> None:
    with SimulatorProcess(["synthetic", "--symbols", "AAPL"]) as simulator:
        control = simulator.addresses["control"].rpartition(":")
        with (
            socket.create_connection(("127.0.0.1", simulator.port)) as client,
            socket.create_connection((control[0], int(control[2]))) as controller,
        ):
            client.sendall(b"API\0\x00\x00\x00\x09v157..176")
            assert client.recv(100)
            controller.sendall(b'{"command": "clock"}\n')
            assert controller.recv(100)
            code, rest, problems = simulator.stop(number)
    assert (code, rest) == (0, "")
    assert "Traceback" not in problems
    assert "exception" not in problems


def test_counters_are_printed_as_json() -> None:
    with SimulatorProcess(["synthetic", "--symbols", "AAPL"]) as simulator:
        done = run("counters", "--control", simulator.addresses["control"])
    assert json.loads(done.stdout)["total"]["connections"] == 0


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["synthetic", "--symbols", "A B"], "--symbols"),
        (["synthetic", "--symbols", ","], "--symbols"),
        (["synthetic", "--crowd", "50*2000"], "--crowd"),
        (["synthetic", "--crowd", "50x20000"], "--crowd"),
        (["synthetic", "--lines", "0"], "--lines"),
        (["synthetic", "--port", "70000"], "--port"),
        (["synthetic", "--ticks-per-second", "inf"], "--ticks-per-second"),
        (["synthetic", "--host", "192.0.2.1"], "cannot listen"),
        (["replay", "--symbol", "GOOG", "--date", "2015-12-24"], "--data"),
        (["replay", "--data", "/nowhere", "--symbol", "GOOG", "--date", "2015-12-24"], "no folder /nowhere"),
        (["replay", "--data", "/", "--symbol", "GOOG", "--date", "24.12."], "--date"),
        (["counters", "--control", "127.0.0.1:1"], "--control"),
        (["counters", "--control", "nonsense"], "--control"),
    ],
)
def test_bad_options_end_with_a_sentence(arguments: list[str], problem: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert problem in done.stderr
    assert "Traceback" not in done.stderr


def test_a_bad_start_names_the_session(tmp_path: Path) -> None:
    folder = lean_folder.write(tmp_path)
    day = ["--data", str(folder), "--symbol", "GOOG", "--date", "2015-12-24"]
    done = run("replay", *day, "--start", "15:00")
    assert done.returncode == 2
    assert "09:30 to 13:00" in done.stderr
