"""A scanner process with strategies of other distributions installed beside it."""

import asyncio
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from spreadmesh.scan.v1.catalogue_pb2 import ListStrategiesRequest
from spreadmesh.scan.v1.scan_service_pb2 import RunScanRequest
from spreadmesh.scan.v1.scan_service_pb2_grpc import ScanServiceStub
from spreadmesh.scan.v1.spec_pb2 import ScanFilters, ScanSpec

from mesh.channel import open_channel
from scanner_server.strategies.plugins import GROUP
from tests.processes import ServerProcess
from tests.scanner_server.scripted_market import CONTRACTS, ScriptedMarket, serve_market
from tests.scanner_server.strategies.distributions import install

EXAMPLE = Path(__file__).parents[3] / "examples" / "strategy-plugin"
SECONDS = 90


def beside(folder: Path) -> str:
    return os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))


def install_example(folder: Path) -> None:
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    modules = {source.stem: source.read_text() for source in EXAMPLE.glob("*.py")}
    install(folder, project["name"], project["entry-points"][GROUP], **modules)


async def test_the_example_is_listed_and_scanned_for(tmp_path: Path, market: ScriptedMarket) -> None:
    install_example(tmp_path)
    filters = ScanFilters(clear_defaults=["days_to_expiration", "bid_ask_width", "quote_age"])
    spec = ScanSpec(underlying="ACME", strategies=["christmas_tree"], filters=filters)
    async with serve_market(market) as upstream:
        settings = {"IBKR_SERVER": upstream, "PYTHONPATH": beside(tmp_path)}
        with ServerProcess("scanner_server", settings) as server:
            await asyncio.to_thread(server.until_serving, SECONDS)
            async with open_channel(server.address) as channel:
                scans = ScanServiceStub(channel)
                listed = await scans.ListStrategies(ListStrategiesRequest(), timeout=SECONDS)
                running = asyncio.ensure_future(scans.RunScan(RunScanRequest(spec=spec), timeout=SECONDS))
                await market.until(lambda: len(market.stream.asked) == len(CONTRACTS) + 1)
                market.stream.send_everything()
                candidates = (await running).candidates
            await asyncio.to_thread(server.__exit__)
    assert [s.name for s in listed.strategies if s.family == "christmas_tree"] == [
        "call_christmas_tree",
        "put_christmas_tree",
    ]
    assert len(candidates) == 20
    for candidate in candidates:
        k1, k2, k3 = (leg.strike for leg in candidate.legs)
        near, far = (k3 - k2, k2 - k1) if candidate.strategy.startswith("call") else (k2 - k1, k3 - k2)
        assert 0 < far == 2 * near
        peak = candidate.max_profit + candidate.fill_price
        assert peak == pytest.approx(far)


def test_the_scanner_does_not_start_with_one_that_cannot_be_used(tmp_path: Path) -> None:
    install(tmp_path, "broken-spreads", {"it": "broken_spreads:IT"}, broken_spreads="IT = 1 / 0")
    environment = os.environ | {"PORT": "0", "PYTHONPATH": beside(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-m", "scanner_server"],
        env=environment, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert line.startswith("broken-spreads 1.0, entry point it = broken_spreads:IT: it cannot be imported")
