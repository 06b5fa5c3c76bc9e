"""The demo as the chart describes it, with processes in place of containers, passes the chart's own tests."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.deployment.chart.rendering import RELEASE, chart, of_kind, one
from tests.processes import free_port

pytestmark = [pytest.mark.tools, pytest.mark.timeout(120)]

MODULES: Final = {"ibkr-server": "ibkr_server", "scanner": "scanner_server", "simulator": "tws_sim"}
ENDPOINTS: Final = {
    "simulator:7497", "ibkr-server:7401", "ibkr-server:7481", "ibkr-server:7491",
    "scanner:7402", "scanner-headless:7402", "scanner:7482", "scanner:7492",
}  # fmt: skip


class Network:
    """Where on this machine each of the release's endpoints is; the host names of Services go with it."""

    def __init__(self, folder: Path) -> None:
        ports = {endpoint.partition(":")[2]: free_port() for endpoint in ENDPOINTS}
        self._ports = {endpoint: ports[endpoint.partition(":")[2]] for endpoint in ENDPOINTS}
        self._folder = folder

    def here(self, text: str) -> str:
        """An address, or a path below a volume, as it is here."""
        for endpoint, port in self._ports.items():
            text = text.replace(f"{RELEASE}-{endpoint}", f"127.0.0.1:{port}")
        return text.replace("/var/lib/spreadmesh", str(self._folder))

    def settings(self, component: str) -> dict[str, str]:
        """A ConfigMap with the ports of here."""
        data: dict[str, str] = one(chart("demo"), "ConfigMap", f"{RELEASE}-{component}")["data"]
        given = {name: self.here(value) for name, value in data.items()}
        for name in ("PORT", "HEALTH_PORT", "METRICS_PORT"):
            given[name] = str(self._ports[f"{component}:{data[name]}"])
        if "TWS_PORT" in data:
            gateway = self.here(f"{data['TWS_HOST']}:{data['TWS_PORT']}")
            given["TWS_HOST"], _, given["TWS_PORT"] = gateway.partition(":")
        return given | {"HOST": "127.0.0.1", "DRAIN_SECONDS": "0"}

    def simulator_arguments(self) -> list[str]:
        pod = one(chart("demo"), "Deployment", f"{RELEASE}-simulator")["spec"]["template"]
        there = {
            "--host=0.0.0.0": "--host=127.0.0.1",
            "--port=7497": f"--port={self._ports['simulator:7497']}",
        }
        return [there.get(argument, argument) for argument in pod["spec"]["containers"][0]["args"]]


@contextmanager
def running(module: str, arguments: list[str], settings: dict[str, str]) -> Iterator[None]:
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(command, env=os.environ | settings, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(30) == 0


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    network = Network(tmp_path_factory.mktemp("volumes"))
    with ExitStack() as processes:
        processes.enter_context(running("tws_sim", network.simulator_arguments(), {}))
        for component in ("ibkr-server", "scanner"):
            settings = network.settings(component)
            processes.enter_context(running(MODULES[component], [], settings))
        yield network


@pytest.mark.parametrize("name", ["health-ibkr-server", "health-scanner", "scan"])
def test_what_helm_test_runs_succeeds(name: str, network: Network, tmp_path: Path) -> None:
    pod = one(chart("demo"), "Pod", f"{RELEASE}-test-{name}")
    (container,) = pod["spec"]["containers"]
    program = container.get("command", ["/opt/spreadmesh/bin/spreadmesh"])
    assert program[0].startswith("/opt/spreadmesh/bin/")
    arguments = [network.here(argument) for argument in container["args"]]
    command = [str(Path(sys.executable).parent / Path(program[0]).name), *program[1:], *arguments]
    environment = {each["name"]: network.here(each["value"]) for each in container.get("env", [])}
    environment["SPREADMESH_STATE_DIR"] = str(tmp_path)
    deadline = time.monotonic() + 60
    while (done := run_once(command, environment)).returncode and time.monotonic() < deadline:
        time.sleep(0.5)
    assert done.returncode == 0, done.stderr


def run_once(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    settings = os.environ | environment
    return subprocess.run(command, check=False, env=settings, capture_output=True, text=True, timeout=60)


def test_helm_test_runs_nothing_else() -> None:
    assert len(of_kind(chart("demo"), "Pod")) == 3
