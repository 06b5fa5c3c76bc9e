"""The instruments of docs/status.md, read through the SDK from a market that has done something."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint

from ibkr_server.gateway.outcomes import Outcome
from ibkr_server.gateway.pacer import Lane
from ibkr_server.journal.journal import Journal
from ibkr_server.market import Market
from ibkr_server.metrics import export, export_orders
from ibkr_server.settings import IbkrSettings
from ibkr_server.trading import Trading
from tests.ibkr_server.desk.world import ALICE, OPERATOR, World, placement, until, virtual

STATUS_PAGE = Path(__file__).parents[2] / "docs/status.md"


Values = dict[str, dict[str, float]]
"""By metric and by the label's value."""


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> InMemoryMetricReader:
    reader = InMemoryMetricReader()
    monkeypatch.setattr(metrics, "get_meter", MeterProvider([reader]).get_meter)
    return reader


@pytest.fixture
def exported(reader: InMemoryMetricReader, tmp_path: Path) -> Iterator[Values]:
    """Of a server whose market has done something."""
    settings = IbkrSettings(max_subscriptions=7)
    market = Market(settings)
    with Journal.open(tmp_path / "orders.db", lambda: 0) as journal:
        export(market, Trading(market, journal, settings))
        use(market)
        yield read(reader)


def use(market: Market) -> None:
    market.pacer.charge(9)
    market.link.outcomes.count(Outcome.REFUSED)
    market.link.outcomes.count(Outcome.REFUSED)
    market.lines.want("a", 1, 10)


def read(reader: InMemoryMetricReader) -> Values:
    data = reader.get_metrics_data()
    assert data is not None
    values: Values = {}
    for metric in data.resource_metrics[0].scope_metrics[0].metrics:
        points = [point for point in metric.data.data_points if isinstance(point, NumberDataPoint)]
        values[metric.name] = {label(point): point.value for point in points}
    return values


def label(point: NumberDataPoint) -> str:
    return str(next(iter((point.attributes or {}).values()), ""))


def test_values_are_those_of_the_market(exported: Values) -> None:
    assert exported["spreadmesh.gateway.up"] == {"": 0}
    assert exported["spreadmesh.lines.limit"] == {"": 7}
    assert exported["spreadmesh.gateway.sent"]["requests"] == 9
    assert exported["spreadmesh.gateway.requests"] == {"answered": 0, "refused": 2, "unanswered": 0}
    assert exported["spreadmesh.gateway.error_rate"] == {"": 1.0}
    assert exported["spreadmesh.gateway.most_in_a_second"] == {"": 9}
    assert exported["spreadmesh.gateway.throttled_last_minute"] == {"": 0}
    assert set(exported["spreadmesh.gateway.queued"]) == {lane.name.lower() for lane in Lane}


@virtual
async def test_orders_are_counted_by_what_became_of_them(
    reader: InMemoryMetricReader, tmp_path: Path
) -> None:
    world = World(tmp_path, ack_seconds=1.0)
    async with world.desk(ready=False) as desk:
        export_orders(desk)
        assert "spreadmesh.orders.since_read" not in read(reader)
        assert read(reader)["spreadmesh.orders.reconciled"] == {"": 0}
        world.broker.connect()
        await until(lambda: desk.status().reconciled)
        for name in ("filled", "cancelled", "working"):
            await desk.place(placement(name), ALICE)
        world.broker.fill("filled", 2)
        world.broker.fill("working")
        await desk.cancel("cancelled", ALICE)
        await until(lambda: desk.status().open_orders == 1)
        world.broker.cut()
        world.broker.connect()
        await until(lambda: desk.status().reconciled)
        await desk.halt("enough", OPERATOR, cancel_orders=False)
        await asyncio.sleep(7)
        values = read(reader)
    assert values["spreadmesh.orders.placed"] == {"": 3}
    assert values["spreadmesh.orders.ended"] == {"filled": 1, "cancelled": 1, "rejected": 0, "absent": 0}
    assert values["spreadmesh.orders.open"] == {"": 1}
    assert values["spreadmesh.orders.unknown"] == {"": 0}
    assert values["spreadmesh.orders.halted"] == values["spreadmesh.orders.reconciled"] == {"": 1}
    assert values["spreadmesh.orders.since_read"][""] == pytest.approx(7, abs=0.5)
    assert values["spreadmesh.journal.sequence"] == {"": desk.status().journal_sequence}


@virtual
async def test_an_order_is_unknown_until_the_lists_tell(reader: InMemoryMetricReader, tmp_path: Path) -> None:
    world = World(tmp_path, ack_seconds=1.0)
    async with world.desk() as desk:
        export_orders(desk)
        world.broker.behaviour.takes_orders = False
        world.broker.behaviour.unanswered_lists = {"open"}
        await desk.place(placement("unheard"), ALICE)
        assert read(reader)["spreadmesh.orders.unknown"] == {"": 1}
        world.broker.behaviour.unanswered_lists = set()
        await until(lambda: desk.status().open_orders == 0)
        values = read(reader)
    assert values["spreadmesh.orders.unknown"] == {"": 0}
    assert values["spreadmesh.orders.ended"]["absent"] == 1


@virtual
async def test_what_an_earlier_process_has_placed_counts_when_it_ends(
    reader: InMemoryMetricReader, tmp_path: Path
) -> None:
    world = World(tmp_path)
    async with world.desk() as desk:
        await desk.place(placement("early"), ALICE)
        await desk.place(placement("done"), ALICE)
        world.broker.fill("done", 2)
    world.broker.fill("early", 2)
    async with world.desk() as desk:
        export_orders(desk)
        values = read(reader)
    assert values["spreadmesh.orders.placed"] == {"": 0}
    assert values["spreadmesh.orders.ended"]["filled"] == 1


def test_the_page_names_only_what_is_exported(exported: Values) -> None:
    named = set(re.findall(r"`(spreadmesh\.(?!scanner)[a-z_.]+)`", STATUS_PAGE.read_text()))
    assert len(named) > 5
    assert named - {"spreadmesh.orders.since_read"} <= set(exported)  # not before it was read
