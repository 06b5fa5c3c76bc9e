"""What the servers of a mesh at work export, against docs/metrics.md and the traces of that mesh."""

import asyncio
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc
import pytest
from prometheus_client import Metric
from spreadmesh.market.v1.gateway_pb2 import GetGatewayStatusRequest
from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceStub
from spreadmesh.scan.v1.candidate_pb2 import Candidate
from spreadmesh.scan.v1.spec_pb2 import ScanSpec
from spreadmesh_client import connect
from spreadmesh_client.orders.build import spread_order
from spreadmesh_client.orders.client import OrdersClient
from spreadmesh_client.orders.decimals import to_decimal
from spreadmesh_client.orders.execute import execute
from spreadmesh_client.orders.net_prices import net_prices

from mesh.telemetry.spans import read_spans
from tests.e2e.conftest import ROOT, Mesh, mesh_up
from tests.exposed import scrape

PAGE: Final = ROOT / "docs/metrics.md"
SYMBOLS: Final = ("SPY", "AAPL", "MSFT")
FLUSHED_SECONDS: Final = 10.0
TRACED_SECONDS: Final = 20.0
TRACED: Final = (
    "rpc_server_call_duration_seconds",
    "spreadmesh_quotes_batch_age_seconds",
    "spreadmesh_orders_acknowledgement_seconds",
    "spreadmesh_orders_fill_seconds",
    "spreadmesh_journal_commit_seconds",
    "spreadmesh_gateway_message_wait_seconds",
    "spreadmesh_scanner_scan_duration_seconds",
)
"""Latencies that have exemplars."""
STATUSES: Final = {code.name for code in grpc.StatusCode}
UNITS: Final = {"seconds", "bytes", "ratio"}
PYTHONS_OWN: Final = ("process_", "python_")
"""Prefixes of what prometheus_client tells by itself, without naming units."""
SUFFIXES: Final = {"counter": "_total", "info": "_info"}
Series = tuple[str, frozenset[tuple[str, str]]]


@dataclass(frozen=True)
class Documented:
    """One row of a table of the page."""

    kind: str
    labels: frozenset[str]
    is_conditional: bool


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    """A mesh that has served one caller, one symbol and one order of every outcome that is used later."""
    synthetic = ("--symbols", ",".join(SYMBOLS), "--lines", "300", "--ticks-per-second", "1000")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RISK_LIMITS", "*: collar_ticks=1000, max_loss=unlimited")
        with mesh_up(tmp_path_factory.mktemp("state"), *synthetic) as running:
            asyncio.run(use(running, SYMBOLS[:1], callers=1))
            yield running


async def use(mesh: Mesh, symbols: Sequence[str], *, callers: int) -> None:
    """Scan each symbol, by a call and a stream, buy its best spread, and ask as several callers."""
    market, scan = mesh.addresses["market"], mesh.addresses["scan"]
    async with connect(market=market, scan=scan) as client, asyncio.timeout(60):
        for symbol in symbols:
            spec = ScanSpec(underlying=symbol, strategies=["bull_put"], limit=3)
            found = await client.scans.run_scan(spec, min_coverage=0.2)
            async with client.scans.stream_scan(spec, min_interval_seconds=0) as rankings:
                await anext(aiter(rankings))
            await buy(client.orders, found.candidates[0])
    async with grpc.aio.insecure_channel(market) as channel:
        status = MarketDataServiceStub(channel).GetGatewayStatus
        for number in range(callers):
            await status(GetGatewayStatusRequest(), metadata=[("x-client", f"caller {number}")], timeout=10)


async def buy(orders: OrdersClient, candidate: Candidate) -> None:
    """Pay what is asked."""
    prices = await net_prices(orders, spread_order(candidate, 1, None))
    outcome = await execute(orders, candidate, limits=[to_decimal(prices.natural)], allow_duplicate=True)
    assert outcome.filled_quantity == 1, outcome.reason


def documented(*sections: str) -> dict[str, Documented]:
    """The tables below these headings, by the name of the family, without its suffix."""
    found = {}
    for section in PAGE.read_text().split("\n## ")[1:]:
        if section.partition("\n")[0] in sections:
            for name, kind, labels, text in re.findall(
                r"^\| `(\w+)` \| (\w+) \| (.*?) ?\| (.*) \|$", section, re.MULTILINE
            ):
                family = name.removesuffix(SUFFIXES.get(kind, ""))
                assert name == family + SUFFIXES.get(kind, "")
                is_conditional = "; only with " in text
                found[family] = Documented(kind, frozenset(re.findall(r"`(\w+)`", labels)), is_conditional)
    return found


def labels_of(family: Metric) -> frozenset[str]:
    return frozenset({name for sample in family.samples for name in sample.labels} - {"le"})


@pytest.mark.parametrize(("place", "section"), [("market", "ibkr_server"), ("scan", "scanner_server")])
def test_the_page_and_the_servers_agree(mesh: Mesh, place: str, section: str) -> None:
    page = documented("Both servers", section)
    exported = scrape(mesh.addresses[f"{place}_metrics"])
    assert {name for name, row in page.items() if not row.is_conditional} == exported.keys() & page.keys()
    assert exported.keys() <= page.keys()
    for name, family in exported.items():
        assert (family.type, labels_of(family)) == (page[name].kind, page[name].labels), name
        unit = name.rpartition("_")[2]
        if unit in UNITS and not name.startswith(PYTHONS_OWN):
            assert family.unit == unit, name
        assert family.documentation, name


def exemplars(found: Iterable[Metric]) -> dict[str, list[tuple[str, str]]]:
    """Trace and span ids by metric."""
    return {
        family.name: [
            (sample.exemplar.labels["trace_id"], sample.exemplar.labels["span_id"])
            for sample in family.samples
            if sample.exemplar
        ]
        for family in found
    }


async def follow(mesh: Mesh, rankings: int) -> None:
    """Read so many rankings of a stream, of which those that a sampled batch has brought about are traced."""
    async with connect(scan=mesh.addresses["scan"]) as client, asyncio.timeout(60):
        spec = ScanSpec(underlying=SYMBOLS[0], strategies=["bull_put"], limit=3)
        async with client.scans.stream_scan(spec, min_interval_seconds=0) as stream:
            events = aiter(stream)
            for _ in range(rankings):
                await anext(events)


def scraped_exemplars(mesh: Mesh) -> dict[str, list[tuple[str, str]]]:
    ibkr, scanner = (scrape(mesh.addresses[f"{place}_metrics"]) for place in ("market", "scan"))
    return exemplars([*ibkr.values(), *scanner.values()])


def test_exemplars_lead_to_spans(mesh: Mesh) -> None:
    found, until = scraped_exemplars(mesh), time.monotonic() + TRACED_SECONDS
    while not all(found[name] for name in TRACED) and time.monotonic() < until:
        asyncio.run(follow(mesh, rankings=20))
        found = scraped_exemplars(mesh)
    assert [name for name in TRACED if not found[name]] == []
    pointed_at = {pair for pairs in found.values() for pair in pairs}
    until = time.monotonic() + FLUSHED_SECONDS
    written: set[tuple[str, str]] = set()
    while not pointed_at <= written and time.monotonic() < until:
        spans = read_spans(Path(mesh.addresses["trace_dir"]))
        written = {(span.trace_id, span.span_id) for span in spans}
        time.sleep(0.1)
    assert pointed_at <= written


def series(mesh: Mesh) -> set[Series]:
    """Everything that Prometheus would keep apart."""
    return {
        (sample.name, frozenset(sample.labels.items()))
        for place in ("market", "scan")
        for family in scrape(mesh.addresses[f"{place}_metrics"]).values()
        for sample in family.samples
    }


def test_symbols_orders_and_callers_make_no_series(mesh: Mesh) -> None:
    before = series(mesh)
    asyncio.run(use(mesh, SYMBOLS, callers=50))
    new = series(mesh) - before
    # A status that a method had not answered with before is a series of its own, of which there are few.
    assert {name for name, labels in new if "rpc_response_status_code" not in dict(labels)} == set()
    assert {dict(labels).get("rpc_response_status_code", "OK") for _, labels in new} <= STATUSES
