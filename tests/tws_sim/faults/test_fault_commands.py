"""Faults over the control port and the command line; the gateway a process of its own."""

import asyncio
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ib_insync import IB

from tests.tws_sim.faults.library import client, gateway
from tests.tws_sim.process import SimulatorProcess
from tws_sim.control.client import ask
from tws_sim.control.server import control_port


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tws_sim", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


async def test_a_fault_starts_shows_and_ends_over_the_control_port() -> None:
    async with (
        gateway() as bench,
        client(bench) as one,
        control_port(bench.gateway, "127.0.0.1", 0) as address,
    ):

        async def told(**request: object) -> dict[str, Any]:
            return await asyncio.to_thread(ask, address, **request)

        started = await told(command="fault", name="data-kept", options={"seconds": 60, "client": 1})
        assert started == {"fault": 1, "tws": bench.gateway.listener.address}
        await one.hears(1100)
        found = await told(command="faults")
        assert found["active"] == [{"fault": 1, "name": "data-kept", "options": {"client": 1, "seconds": 60}}]
        assert {entry["name"] for entry in found["known"]} >= {"fin", "silence"}
        assert await told(command="lift", name="data-kept") == {"lifted": 1}
        await one.hears(1102)
        await told(command="fault", name="silence", options={"request": "reqIds"})
        await told(command="fault", name="daily-restart", options={"at": "23:45"})
        assert await told(command="lift", number=2) == {"lifted": 1}
        assert await told(command="lift") == {"lifted": 1}
        assert (await told(command="faults"))["active"] == []
        assert (await told(command="counters"))["total"]["faults"] == {
            "daily-restart": 1, "data-kept": 1, "silence": 1,
        }  # fmt: skip


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        ({"command": "fault"}, '"name"'),
        ({"command": "fault", "name": "boom"}, "unknown fault 'boom'"),
        ({"command": "fault", "name": "fin", "options": 3}, '"options"'),
        ({"command": "fault", "name": "fin", "options": {"name": 3}}, "fin"),
        ({"command": "fault", "name": "fin", "options": {"client": 3}}, "client 3 is not connected"),
        ({"command": "lift", "name": "boom"}, "unknown fault 'boom'"),
    ],
)
async def test_a_wrong_command_is_answered_with_what_is_wrong(
    request_: dict[str, object], problem: str
) -> None:
    async with gateway() as bench, control_port(bench.gateway, "127.0.0.1", 0) as address:
        answer = await asyncio.to_thread(ask, address, **request_)
    assert problem in answer["error"]


async def test_a_running_process_is_struck_from_the_command_line(tmp_path: Path) -> None:
    scenario = tmp_path / "scenario.jsonl"
    scenario.write_text('{"at": 0, "name": "next-order-id", "options": {"value": 700}}\n')
    arguments = ["synthetic", "--symbols", "SPY", "--scenario", str(scenario)]
    with SimulatorProcess(arguments) as simulator:
        control = ["--control", simulator.addresses["control"]]
        ib, gone = IB(), asyncio.Event()
        ib.disconnectedEvent += gone.set
        problems: list[str] = []
        ib.client.apiError += problems.append
        await ib.connectAsync("127.0.0.1", simulator.port, clientId=3)
        assert 700 <= ib.client.getReqId() < 800
        done = await asyncio.to_thread(run, "fault", "rst", *control, "--client", "3")
        assert (done.returncode, json.loads(done.stdout)["fault"]) == (0, 2)
        await asyncio.wait_for(gone.wait(), 5)
        assert "reset by peer" in problems[0]
        done = await asyncio.to_thread(run, "fault", *control, "restart", "--seconds=60")
        assert done.returncode == 0
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", simulator.port), 5)
        done = await asyncio.to_thread(run, "faults", *control)
        assert [one["name"] for one in json.loads(done.stdout)["active"]] == ["restart"]
        done = await asyncio.to_thread(run, "lift", *control, "restart")
        assert json.loads(done.stdout) == {"lifted": 1}
        await ib.connectAsync("127.0.0.1", simulator.port, clientId=3)
        ib.disconnect()
        assert simulator.counters()["total"]["faults"] == {"next-order-id": 1, "restart": 1, "rst": 1}


def test_faults_lists_names_and_parameters() -> None:
    done = run("faults")
    assert done.returncode == 0
    assert "\nblack-hole\n" in "\n" + done.stdout
    assert "      --by (required): Seconds." in done.stdout
    assert "      --jitter (default 0.0)" in done.stdout
    assert "      --client (optional): Client id it strikes" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["fin", "client"], "'client' is no parameter"),
        (["fin", "--client"], "--client has no value"),
        (["fin", "--client", "1", "--client=2"], "given twice"),
        (["fin"], "--control 127.0.0.1:1"),
    ],
)
def test_wrong_words_end_with_a_sentence(arguments: list[str], problem: str) -> None:
    done = run("fault", "--control", "127.0.0.1:1", *arguments)
    assert done.returncode == 2
    assert problem in done.stderr
    assert "Traceback" not in done.stderr


def test_a_scenario_that_cannot_be_read_ends_the_start(tmp_path: Path) -> None:
    path = tmp_path / "scenario.jsonl"
    path.write_text('{"at": 0, "name": "boom"}')
    for scenario, problem in [(path, "line 1: unknown fault 'boom'"), (tmp_path / "none", "No such file")]:
        done = run("synthetic", "--symbols", "SPY", "--scenario", str(scenario), "--port", "0")
        assert done.returncode == 2
        assert problem in done.stderr
        assert "Traceback" not in done.stderr
