"""A whole mesh in which every part proves who it is, and whose certificates are exchanged while it runs."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from spreadmesh.scan.v1.spec_pb2 import ScanSpec
from spreadmesh_client import Client, RankingUpdate, connect

from tests.certificates import LOCAL, SPIFFE, Authority, Issued, Mounted, issue, shown_serial
from tests.e2e.conftest import COMMAND
from tests.exposed import scrape, values
from tests.ibkr_server.process import IbkrServerProcess
from tests.processes import ServerProcess, free_port
from tests.tws_sim.process import SimulatorProcess

EXPIRY = "spreadmesh_tls_certificate_expiry_timestamp_seconds"
PARTS = ("ibkr", "scanner", "client")
# Both underlyings fit the 100 lines there are.
MARKET = ["synthetic", "--crowd", "2x40", "--start", "2026-11-16T11:00:00"]


@dataclass(frozen=True)
class Mesh:
    ibkr: ServerProcess
    scanner: ServerProcess
    files: dict[str, Mounted]

    def exchange(self, authority: Authority, trusted: bytes, days: int = 1) -> dict[str, Issued]:
        """Give every part a certificate of an authority, and the bundle of those it is to trust."""
        issued = {part: certificate(authority, part, days) for part in PARTS}
        for part in PARTS:
            self.files[part].exchange(issued[part], trusted)
        return issued


def certificate(authority: Authority, part: str, days: int = 1) -> Issued:
    until = datetime.now(UTC) + timedelta(days=days)
    return issue(authority, f"{SPIFFE}/{part}", LOCAL, not_after=until)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def mesh(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    folder = tmp_path_factory.mktemp("certificates")
    files = {part: Mounted.at(folder / part, certificate(authority, part)) for part in PARTS}
    with ExitStack() as stack:
        simulator = stack.enter_context(SimulatorProcess(MARKET))
        ports = [{name: str(free_port()) for name in ("HEALTH_PORT", "METRICS_PORT")} for _ in range(2)]
        ibkr = stack.enter_context(IbkrServerProcess(simulator.port, files["ibkr"].server() | ports[0]))
        ibkr.until_serving()
        linked = {"IBKR_SERVER": ibkr.address} | files["scanner"].client()
        own = files["scanner"].server() | ports[1]
        scanner = stack.enter_context(ServerProcess("scanner_server", linked | own))
        scanner.until_serving(60)
        yield Mesh(ibkr, scanner, files)


@pytest.fixture
async def client(mesh: Mesh, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    for name, value in mesh.files["client"].client().items():
        monkeypatch.setenv(name, value)
    async with connect(market=mesh.ibkr.address, scan=mesh.scanner.address) as client:
        yield client


async def test_quotes_and_a_scan_pass_through_it(client: Client) -> None:
    async with aclosing(client.market.watch_quotes(symbols=["U001"])) as quotes:
        async for _ in quotes:
            break
    found = await client.scans.run_scan(ScanSpec(underlying="U001", limit=5), min_coverage=0.5)
    assert len(found.candidates) == 5


def test_the_command_line_takes_its_certificate_from_the_environment(mesh: Mesh, tmp_path: Path) -> None:
    def status(own: dict[str, str]) -> subprocess.CompletedProcess[str]:
        ask = [COMMAND, "status", "--timeout", "3", "--market", mesh.ibkr.address]
        environment = os.environ | {"SPREADMESH_STATE_DIR": str(tmp_path)} | own
        return subprocess.run(ask, env=environment, timeout=60, check=False, capture_output=True, text=True)

    own = mesh.files["client"].client()
    assert status(own).returncode == 0
    refused = status({})
    assert refused.returncode == 1
    assert f"the server at {mesh.ibkr.address} hangs up: it may want TLS" in refused.stderr
    unusable = status(own | {"SPREADMESH_TLS_KEY_FILE": str(mesh.files["scanner"].key)})
    assert unusable.returncode == 2
    assert "SPREADMESH_TLS_KEY_FILE: " in unusable.stderr


async def test_all_certificates_and_their_authority_are_exchanged_while_a_scan_streams(
    mesh: Mesh, client: Client, authority: Authority
) -> None:
    successor = Authority("successor")
    async with asyncio.TaskGroup() as tasks:
        followed = Followed()
        following = tasks.create_task(followed.run(client))
        await followed.until_further()
        mesh.exchange(authority, authority.pem + successor.pem)
        await both_show(mesh, mesh.exchange(successor, authority.pem + successor.pem))
        await both_show(mesh, mesh.exchange(successor, successor.pem, days=2))
        # The old certificates would be refused to what the scanner and the client ask anew.
        found = await client.scans.run_scan(ScanSpec(underlying="U002", limit=5), min_coverage=0.5)
        assert len(found.candidates) == 5
        assert (await client.market.get_gateway_status()).ready
        await followed.until_further()
        following.cancel()
    assert len({update.epoch for update in followed.updates}) == 1
    assert [update.sequence for update in followed.updates] == list(range(1, len(followed.updates) + 1))


class Followed:
    """The rankings of one stream, as they come."""

    def __init__(self) -> None:
        self.updates: list[RankingUpdate] = []
        self._came = asyncio.Event()

    async def run(self, client: Client) -> None:
        async with client.scans.stream_scan(ScanSpec(underlying="U001", limit=5)) as rankings:
            async for event in rankings:
                if isinstance(event, RankingUpdate):
                    self.updates.append(event)
                    self._came.set()

    async def until_further(self) -> None:
        """Until three more have come."""
        wanted = len(self.updates) + 3
        async with asyncio.timeout(20):
            while len(self.updates) < wanted:
                self._came.clear()
                await self._came.wait()


async def both_show(mesh: Mesh, issued: dict[str, Issued]) -> None:
    async with asyncio.timeout(20):
        for server, part in ((mesh.ibkr, "ibkr"), (mesh.scanner, "scanner")):
            while await shown_serial(server.port) != issued[part].serial:  # noqa: ASYNC110 - it doesn't tell
                await asyncio.sleep(0.1)
            exposed = values(scrape(f"127.0.0.1:{server.settings['METRICS_PORT']}"))
            assert list(exposed[EXPIRY].values()) == [issued[part].not_after.timestamp()]
