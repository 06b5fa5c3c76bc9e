"""`compose.yaml` by podman-compose: the light profile brought up, the others by their text."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest

from tests.deployment.images.conftest import MARKET, QUICKLY, ROOT, SCAN
from tests.deployment.images.podman import Container, until
from tests.processes import free_port

pytestmark = pytest.mark.images

COMPOSE: Final = ROOT / ".tools/venv/bin/podman-compose"


@dataclass(frozen=True)
class Project:
    """What compose.yaml starts, under a name of its own."""

    name: str
    profile: str
    ports: dict[str, str]

    def compose(self, *arguments: str, profile: str | None = None) -> str:
        options = ["--project-name", self.name, *(["--profile", profile] if profile else [])]
        environment = os.environ | self.ports | {"COMPOSE_PROFILES": self.profile}
        done = subprocess.run(
            [COMPOSE, *options, *arguments],
            cwd=ROOT,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=180,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def config(self) -> dict[str, Any]:
        """compose.yaml as podman-compose reads it for this profile."""
        to_json = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)"
        python = COMPOSE.with_name("python")
        text = self.compose("config")
        done = subprocess.run([python, "-c", to_json], input=text, check=True, capture_output=True, text=True)
        config: dict[str, Any] = json.loads(done.stdout)
        return config

    def container(self, service: str) -> Container:
        return Container(f"{self.name}_{service}_1")


@pytest.fixture(scope="module")
def light(images: tuple[str, ...]) -> Iterator[Project]:
    ports = {"MARKET_PORT": str(free_port()), "SCAN_PORT": str(free_port())}
    project = Project(f"compose-{os.getpid()}", "light", ports)
    try:
        project.compose("up", "--detach")
        yield project
    finally:
        project.compose("down", "--volumes")


def test_one_command_brings_up_what_answers_a_scan(light: Project) -> None:
    market, scanner = light.container("ibkr-server"), light.container("scanner-server")
    until("quotes", 60, lambda: market.says_serving(7481, MARKET))
    until("scans", 60, lambda: scanner.says_serving(7482, SCAN))
    assert [light.container(name).is_healthy() for name in ("tws-sim", "ibkr-server", "scanner-server")] == [
        True
    ] * 3
    asked = ["run", "-T", "--rm", "cli", "scan", "SPY", *QUICKLY, "--json"]
    assert json.loads(light.compose(*asked, profile="cli"))["candidates"]


def services(*profiles: str) -> dict[str, Any]:
    """Those that any of the profiles starts."""
    found: dict[str, Any] = {}
    for profile in profiles:
        found |= Project("compose-text", profile, {}).config()["services"]
    return found


def test_all_that_is_built_here_and_watches_it_may_do_next_to_nothing() -> None:
    hardened = services("light", "demo")
    assert {"prometheus", "grafana", "jaeger", "ibkr-server", "scanner-server", "tws-sim"} <= hardened.keys()
    for name, service in hardened.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_ports_are_open_to_this_machine_alone() -> None:
    every = services("light", "demo", "gateway")
    ports = [port for service in every.values() for port in service.get("ports", ())]
    assert len(ports) == 5
    assert all(port.startswith("127.0.0.1:") for port in ports), ports


def test_the_login_is_in_no_file_of_the_project() -> None:
    gateway = services("gateway")["ib-gateway"]
    assert gateway["environment"]["TWS_USERID"] == ""
    assert "TWS_PASSWORD" not in gateway["environment"]
    assert gateway["secrets"] == ["tws_password"]
