"""The images, and a mesh of their containers."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.deployment.images.podman import Container, image_name, podman, running, until

ROOT: Final = Path(__file__).parents[3]
TARGETS: Final = ("ibkr-server", "scanner-server", "tws-sim", "cli")
MARKET: Final = "spreadmesh.market.v1.MarketDataService"
SCAN: Final = "spreadmesh.scan.v1.ScanService"
QUICKLY: Final = ("--max-dte", "14", "--min-coverage", "0.3")
"""Few contracts, as a hundred lines have to be shared by all that a scan asks for."""


@pytest.fixture(scope="session", autouse=True)
def podman_of_this_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """By itself podman asks for more open files and processes than some machines allow anybody."""
    settings = tmp_path_factory.mktemp("podman") / "containers.conf"
    settings.write_text('[containers]\ndefault_ulimits = ["nofile=16384:16384", "nproc=16384:16384"]\n')
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CONTAINERS_CONF", str(settings))
        yield


@pytest.fixture(scope="session")
def images(podman_of_this_machine: None) -> tuple[str, ...]:
    """Targets of the Dockerfile, which `make images` has built."""
    for target in TARGETS:
        podman("image", "inspect", image_name(target))
    return TARGETS


@dataclass(frozen=True)
class Mesh:
    """A simulator and both servers that share one loopback interface and have no other."""

    simulator: Container
    market: Container
    scanner: Container

    def spreadmesh(self, *arguments: str) -> str:
        """What the command line prints, run from its image beside the servers."""
        network = f"--network=container:{self.simulator.name}"
        return podman("run", "--rm", "--read-only", network, "localhost/spreadmesh/cli", *arguments)


@pytest.fixture(scope="session")
def mesh(images: tuple[str, ...]) -> Iterator[Mesh]:
    prefix = f"images-{os.getpid()}"
    volume = f"{prefix}-journal"
    loopback = ["--network", f"container:{prefix}-sim"]
    local = {"HOST": "127.0.0.1", "DRAIN_SECONDS": "0"}
    trading = local | {"TRADING": "enabled", "ANONYMOUS_ROLE": "operator"}
    podman("volume", "create", volume)
    try:
        with (
            running("tws-sim", f"{prefix}-sim", options=["--network=none"]) as simulator,
            running(
                "ibkr-server",
                f"{prefix}-ibkr",
                environment=trading,
                options=[*loopback, f"--volume={volume}:/var/lib/spreadmesh"],
            ) as market,
            running(
                "scanner-server",
                f"{prefix}-scanner",
                environment=local | {"VOLATILITY_FILE": "", "PRESETS_FILE": "/tmp/presets"},
                options=loopback,
            ) as scanner,
        ):
            began = time.monotonic()
            until("quotes", 60, lambda: market.says_serving(7481, MARKET))
            until("scans", 60, lambda: scanner.says_serving(7482, SCAN))
            print(f"\nall three ready {time.monotonic() - began:.1f} s after the last was started")
            yield Mesh(simulator, market, scanner)
    finally:
        podman("volume", "rm", "--force", volume)
