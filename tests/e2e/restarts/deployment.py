"""A whole mesh as a cluster runs it: one ibkr_server, scanners that come and go behind a headless service."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.order_faults.world import EXCHANGE, quiet_ports
from tests.e2e.restarts.headless import HeadlessService, headless_service
from tests.known_market import START, SYMBOL
from tests.processes import ServerProcess
from tests.tws_sim.process import SimulatorProcess
from tws_sim.control.client import ask

SCANNERS: Final = 2
FIRST_START_SECONDS: Final = 90.0
"""The scanner may compile."""
LINES: Final = "300"
MARKET: Final = ("--symbols", SYMBOL, "--liveliness", "0.1", "--ticks-per-second", "200", "--lines", LINES)
QUIET: Final = {"DRAIN_SECONDS": "0.5", "LOG_LEVEL": "ERROR"}
MARKET_SERVER: Final = {
    "MAX_SUBSCRIPTIONS": LINES,
    "MESSAGES_PER_SECOND": "120",
    "TRADING": "enabled",
    "ANONYMOUS_ROLE": "operator",
    "RISK_LIMITS": "*: orders_per_10s=1000",
    "RECONCILE_RETRY_SECONDS": "0.3",
}
SCANNER: Final = {"MAX_CONNECTION_AGE_SECONDS": "4", "MAX_CONNECTION_AGE_GRACE_SECONDS": "0.5"}


@dataclass
class Deployment:
    """Its processes. Each keeps its address, but for a scanner: a new pod has a new one."""

    simulator: SimulatorProcess
    market: ServerProcess
    scanner: ServerProcess
    """What every scanner is like, but for its address."""
    service: HeadlessService
    running: ExitStack

    def __post_init__(self) -> None:
        self.scanners: list[ServerProcess] = []
        self._hosts = (f"127.0.0.{number}" for number in count(2))

    async def replace_scanner(self, old: ServerProcess) -> None:
        """Stop one, and then start another, as a rolling update without a spare pod does."""
        await asyncio.to_thread(self.stop_scanner, old)
        await asyncio.to_thread(self.start_scanners, 1)

    def stop_scanner(self, pod: ServerProcess) -> None:
        """Clients are told of its end as it begins."""
        self.service.ready.remove(pod.host)
        self.scanners.remove(pod)
        pod.stop()

    def start_scanners(self, number: int) -> None:
        """Start new ones; each is told to clients once it can be used."""
        pods = [replace(self.scanner, host=next(self._hosts)) for _ in range(number)]
        for pod in pods:
            self.scanners.append(self.running.enter_context(pod))
        for pod in pods:
            pod.until_serving(FIRST_START_SECONDS)
            self.service.ready.append(pod.host)

    def until_spread(self, seconds: float) -> list[int]:
        """Wait until every scanner has streams; returns how many each."""
        deadline = time.monotonic() + seconds
        while not all(streams := [open_streams(pod) for pod in self.scanners]):
            assert time.monotonic() < deadline, f"streams are {streams}"
            time.sleep(0.1)
        return streams

    def ledger(self) -> dict[str, Any]:
        """The simulator's orders and executions: the truth."""
        return ask(self.simulator.addresses["control"], command="ledger")


def open_streams(pod: ServerProcess) -> int:
    """Streams of rankings that a scanner has."""
    address = f"http://{pod.host}:{pod.settings['METRICS_PORT']}/metrics"
    with urlopen(address, timeout=5) as answer:
        families = list(text_string_to_metric_families(answer.read().decode()))
    samples = (sample for family in families for sample in family.samples)
    return round(sum(sample.value for sample in samples if sample.name == "spreadmesh_streams_open"))


@contextmanager
def deployed(folder: Path) -> Iterator[Deployment]:
    """All runs inside the block, on ports that nobody takes while a process is down."""
    tws, control, market, scan, metrics = quiet_ports(5)
    ports = ["--port", str(tws), "--control-port", str(control), "--message-rate", "150"]
    day = ["--start", f"{START:%Y-%m-%dT%H:%M}", "--orders", EXCHANGE, "--state", str(folder / "account.db")]
    server = ServerProcess("ibkr_server", QUIET | MARKET_SERVER | {"TWS_PORT": str(tws)}, market)
    pod = QUIET | SCANNER | {"IBKR_SERVER": server.address, "METRICS_PORT": str(metrics)}
    with ExitStack() as running:
        service = running.enter_context(headless_service(scan))
        running.enter_context(server)
        simulator = running.enter_context(SimulatorProcess(["synthetic", *MARKET, *ports, *day]))
        scanner = ServerProcess("scanner_server", pod, scan)
        mesh = Deployment(simulator, server, scanner, service, running)
        mesh.start_scanners(SCANNERS)
        yield mesh
