"""A mesh without a single key: the scanner is known by its certificate, people by tokens of an issuer."""

import time
from collections.abc import Iterator
from contextlib import ExitStack

import grpc
import pytest
from spreadmesh.scan.v1.spec_pb2 import ScanSpec
from spreadmesh_client import MeshError, connect

from tests.certificates import LOCAL, SPIFFE, Authority, Mounted, issue
from tests.exposed import scrape, values
from tests.ibkr_server.process import IbkrServerProcess
from tests.processes import ServerProcess, free_port
from tests.token_issuer import AUDIENCE, TokenIssuer
from tests.tws_sim.process import SimulatorProcess

MARKET = ["synthetic", "--crowd", "1x40", "--start", "2026-11-16T11:00:00"]
PARTS = ("ibkr", "scanner", "people")


class Mesh:
    """Where both servers are, and who signs tokens."""

    def __init__(self, ibkr: str, scanner: str, metrics: str, issuer: TokenIssuer) -> None:
        self.ibkr = ibkr
        self.scanner = scanner
        self.metrics = metrics
        self.issuer = issuer


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    folder, authority, issuer = tmp_path_factory.mktemp("mesh"), Authority(), TokenIssuer()
    files = {part: Mounted.at(folder / part, issue(authority, f"{SPIFFE}/{part}", LOCAL)) for part in PARTS}
    identities = folder / "identities"
    identities.write_text(f"{SPIFFE}/scanner viewer\n")
    with ExitStack() as stack, pytest.MonkeyPatch.context() as environment:
        for name, value in files["people"].client().items():
            environment.setenv(name, value)
        stack.enter_context(issuer.serving())
        people = {"OIDC_ISSUER": issuer.url, "OIDC_AUDIENCE": AUDIENCE}
        simulator = stack.enter_context(SimulatorProcess(MARKET))
        own = files["ibkr"].server() | people | {"IDENTITIES_FILE": str(identities)}
        ports = {name: str(free_port()) for name in ("HEALTH_PORT", "METRICS_PORT")}
        ibkr = IbkrServerProcess(simulator.port, own | ports)
        stack.enter_context(ibkr).until_serving()
        own = files["scanner"].server() | files["scanner"].client() | people
        linked = own | {"HEALTH_PORT": str(free_port()), "IBKR_SERVER": ibkr.address}
        scanner = stack.enter_context(ServerProcess("scanner_server", linked))
        scanner.until_serving(60)
        yield Mesh(ibkr.address, scanner.address, f"127.0.0.1:{ports['METRICS_PORT']}", issuer)


async def test_a_viewer_scans_with_quotes_that_the_scanner_has_by_its_certificate(mesh: Mesh) -> None:
    token = mesh.issuer.token(spreadmesh_role="viewer")
    async with connect(scan=mesh.scanner, token=token) as client:
        found = await client.scans.run_scan(ScanSpec(underlying="U001", limit=5), min_coverage=0.5)
    assert len(found.candidates) == 5


async def test_a_trader_stops_all_and_only_an_operator_lets_it_go_on(mesh: Mesh) -> None:
    trader = mesh.issuer.token(sub="ann", spreadmesh_role=["viewer", "trader"])
    operator = mesh.issuer.token(sub="bob", spreadmesh_role="operator")
    async with connect(market=mesh.ibkr, token=trader) as client:
        halt, _ = await client.control.halt("a test")
        assert halt.by == "oidc/ann"
        with pytest.raises(MeshError) as caught:
            await client.control.resume(halt.sequence, "a test")
        assert caught.value.message == "oidc/ann is a trader; this takes an operator"
    async with connect(market=mesh.ibkr, token=operator) as client:
        await client.control.resume(halt.sequence, "a test")


async def test_nobody_is_known_by_a_certificate_that_is_not_listed(mesh: Mesh) -> None:
    async with connect(market=mesh.ibkr, scan=mesh.scanner) as client:
        for ask in (client.market.get_gateway_status, client.scans.list_figures):
            with pytest.raises(MeshError) as caught:
                await ask()
            assert caught.value.code is grpc.StatusCode.UNAUTHENTICATED


def test_prometheus_learns_when_the_issuer_told_its_keys(mesh: Mesh) -> None:
    (told,) = values(scrape(mesh.metrics))["spreadmesh_access_issuer_keys_timestamp_seconds"].values()
    assert 0 < time.time() - told < 300
