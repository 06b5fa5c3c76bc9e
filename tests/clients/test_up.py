"""`spreadmesh up`: a real mesh, started and ended."""

import os
import signal
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from spreadmesh_client.supervisor.state import running_mesh


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
def test_a_signal_ends_everything_with_status_0(
    up: Any, running_of: Any, tmp_path: Path, number: int
) -> None:
    began = time.monotonic()
    mesh = up("--symbols", "SPY")
    assert time.monotonic() - began < 15
    assert running_of(mesh.pids) == mesh.pids
    assert running_mesh(tmp_path)["scan"] == mesh.mesh["scan"]
    assert mesh.signal(number) == 0
    assert running_of(mesh.pids) == []
    assert running_mesh(tmp_path) is None
    assert "Traceback" not in mesh.errors.read_text()


def test_what_is_printed_is_where_it_is(up: Any) -> None:
    mesh = up("--symbols", "SPY").mesh
    listening = ("tws", "tws_control", "market", "scan", "market_metrics", "scan_metrics")
    assert set(mesh) == {*listening, "journal", "trace_dir", "pids"}
    assert set(mesh["pids"]) == {"tws_sim", "ibkr_server", "scanner_server"}
    assert Path(mesh["trace_dir"]).is_dir()
    assert Path(mesh["journal"]).is_file()
    for name in listening:
        host, port = mesh[name].split(":")
        socket.create_connection((host, int(port)), 2).close()


def test_a_killed_supervisor_takes_all_children_along(up: Any, running_of: Any, eventually: Any) -> None:
    mesh = up("--symbols", "SPY")
    assert mesh.signal(signal.SIGKILL) == -signal.SIGKILL
    eventually(lambda: not running_of(mesh.pids))


@pytest.mark.parametrize("name", ["tws_sim", "ibkr_server", "scanner_server"])
def test_a_dead_child_ends_the_mesh_by_name(up: Any, running_of: Any, name: str) -> None:
    mesh = up("--symbols", "SPY")
    os.kill(mesh.mesh["pids"][name], signal.SIGKILL)
    assert mesh.process.wait(20) == 1
    errors = mesh.errors.read_text()
    assert f"{name} has ended, killed by SIGKILL" in errors
    assert "Traceback" not in errors
    assert running_of(mesh.pids) == []


def test_it_ends_by_itself_after_the_time_given(up: Any, running_of: Any) -> None:
    mesh = up("--symbols", "SPY", "--seconds", "0.5")
    assert mesh.process.wait(15) == 0
    assert running_of(mesh.pids) == []


def test_a_busy_port_is_named(up: Any) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        port = busy.getsockname()[1]
        with pytest.raises(RuntimeError, match=f"port {port} cannot be used"):
            up("--port-base", str(port))


def test_a_child_that_cannot_start_shows_its_words(up: Any, tmp_path: Path) -> None:
    broken = tmp_path / "option/usa/minute/goog/20151224_quote_american.zip"
    broken.parent.mkdir(parents=True)
    broken.write_text("no archive")
    with pytest.raises(RuntimeError, match="tws_sim has ended, exit status 2") as caught:
        up("--replay", str(tmp_path), "--symbol", "GOOG", "--date", "2015-12-24")
    assert "error: " in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_a_gateway_that_is_not_there_is_waited_for_and_named(up: Any, unused_tcp_port: int) -> None:
    with pytest.raises(RuntimeError, match=f"waits for the gateway at 127.0.0.1:{unused_tcp_port}"):
        up("--tws", f"127.0.0.1:{unused_tcp_port}", "--ready-timeout", "4")


def test_two_meshes_run_side_by_side_and_the_newer_is_found(up: Any, tmp_path: Path) -> None:
    first, second = up("--symbols", "SPY"), up("--symbols", "SPY")
    assert running_mesh(tmp_path)["scan"] == second.mesh["scan"]
    assert second.signal(signal.SIGTERM) == 0
    assert running_mesh(tmp_path)["scan"] == first.mesh["scan"]
