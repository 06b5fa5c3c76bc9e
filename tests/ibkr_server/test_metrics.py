"""The figures of docs/metrics.md, as Prometheus gets them from a market that has done something."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from ibkr_server.gateway.outcomes import Outcome
from ibkr_server.gateway.pacer import Lane
from ibkr_server.journal.journal import Journal
from ibkr_server.market import Market
from ibkr_server.metrics import export, export_orders
from ibkr_server.settings import IbkrSettings
from ibkr_server.trading import Trading
from tests.exposed import Values, exposed
from tests.ibkr_server.desk.world import ALICE, OPERATOR, World, placement, until, virtual


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
        export(market, Trading(market, journal, settings), journal)
        use(market)
        yield exposed(reader)


def use(market: Market) -> None:
    market.pacer.charge(9)
    market.link.outcomes.count(Outcome.REFUSED)
    market.link.outcomes.count(Outcome.REFUSED)
    market.lines.want("a", 1, 10)


def test_values_are_those_of_the_market(exported: Values) -> None:
    assert exported["spreadmesh_gateway_up"] == {"": 0}
    assert exported["spreadmesh_lines_limit"] == {"": 7}
    assert exported["spreadmesh_gateway_sent_messages_total"]["requests"] == 9
    assert exported["spreadmesh_gateway_requests_total"] == {"answered": 0, "refused": 2, "unanswered": 0}
    assert exported["spreadmesh_gateway_peak_messages_per_second"] == {"": 9}
    assert set(exported["spreadmesh_gateway_queued_messages"]) == {lane.name.lower() for lane in Lane}


@virtual
async def test_orders_are_counted_by_what_became_of_them(
    reader: InMemoryMetricReader, tmp_path: Path
) -> None:
    world = World(tmp_path, ack_seconds=1.0)
    async with world.desk(ready=False) as desk:
        export_orders(desk)
        assert "spreadmesh_orders_reconciliation_age_seconds" not in exposed(reader)
        assert exposed(reader)["spreadmesh_orders_reconciled"] == {"": 0}
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
        values = exposed(reader)
    assert values["spreadmesh_orders_placed_total"] == {"": 3}
    assert values["spreadmesh_orders_ended_total"] == {
        "filled": 1,
        "cancelled": 1,
        "rejected": 0,
        "absent": 0,
    }
    assert values["spreadmesh_orders_acknowledgement_seconds_count"] == {"": 3}
    assert values["spreadmesh_orders_fill_seconds_count"] == {"": 1}
    assert values["spreadmesh_orders_open"] == {"": 1}
    assert values["spreadmesh_orders_unknown"] == {"": 0}
    assert values["spreadmesh_orders_halted"] == values["spreadmesh_orders_reconciled"] == {"": 1}
    assert values["spreadmesh_orders_reconciliation_age_seconds"][""] == pytest.approx(7, abs=0.5)


@virtual
async def test_an_order_is_unknown_until_the_lists_tell(reader: InMemoryMetricReader, tmp_path: Path) -> None:
    world = World(tmp_path, ack_seconds=1.0)
    async with world.desk() as desk:
        export_orders(desk)
        world.broker.behaviour.takes_orders = False
        world.broker.behaviour.unanswered_lists = {"open"}
        await desk.place(placement("unheard"), ALICE)
        assert exposed(reader)["spreadmesh_orders_unknown"] == {"": 1}
        world.broker.behaviour.unanswered_lists = set()
        await until(lambda: desk.status().open_orders == 0)
        values = exposed(reader)
    assert values["spreadmesh_orders_unknown"] == {"": 0}
    assert values["spreadmesh_orders_ended_total"]["absent"] == 1


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
        values = exposed(reader)
    assert values["spreadmesh_orders_placed_total"] == {"": 0}
    assert values["spreadmesh_orders_ended_total"]["filled"] == 1
