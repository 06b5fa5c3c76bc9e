"""J's fills are L's executions, whatever the connection does (invariant 8)."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from ibkr_server.orders.fills import split_id
from ibkr_server.orders.order import OrderState
from tests.ibkr_server.desk.scripted_broker import ScriptedBroker
from tests.ibkr_server.desk.world import ALICE, World, placement, spread, until, virtual


def oracle(broker: ScriptedBroker) -> dict[str, tuple[str, Decimal]]:
    """The gateway's trades, corrected ones once."""
    found: dict[str, tuple[str, Decimal]] = {}
    for trade in sorted(broker.trades, key=lambda each: split_id(each.execution_id)[1]):
        found[split_id(trade.execution_id)[0]] = (trade.execution_id, trade.quantity)
    return found


def journalled(desk) -> dict[str, tuple[str, Decimal]]:
    items = desk.executions(ALICE).items
    assert len({split_id(item.execution_id)[0] for item in items}) == len(items)
    return {split_id(item.execution_id)[0]: (item.execution_id, item.quantity) for item in items}


@virtual
async def test_legs_that_are_traded_apart(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        held = world.broker.of("c1")
        world.broker.trade(held, 0, 2, "3.10")
        assert desk.get("c1", None, ALICE).filled == 0
        world.broker.trade(held, 1, 1, "1.90")
        world.broker.trade(held, 1, 1, "2.00")
        found = desk.get("c1", None, ALICE)
        assert (found.state, found.filled, found.average_price) == (OrderState.FILLED, 2, Decimal("1.15"))
        assert found.commission == Decimal("1.95")


@virtual
async def test_trades_in_an_outage_and_repeated_ones(world: World):
    async with world.desk() as desk:
        await desk.place(placement(spec=spread(3)), ALICE)
        world.broker.fill("c1")
        world.broker.cut()
        world.broker.fill("c1")
        world.broker.connect()
        await until(lambda: desk.status().reconciled)
        for trade in world.broker.trades * 2:
            desk_listener = world.broker.listener
            assert desk_listener is not None
            desk_listener.executed(trade)
        assert desk.get("c1", None, ALICE).filled == 2
        assert journalled(desk) == oracle(world.broker)
    async with world.desk() as desk:
        assert journalled(desk) == oracle(world.broker)


@virtual
async def test_a_correction_replaces(world: World):
    async with world.desk() as desk:
        await desk.place(placement(spec=spread(5)), ALICE)
        held = world.broker.of("c1")
        names = [world.broker.trade(held, leg, 5) for leg in (0, 1)]
        assert desk.get("c1", None, ALICE).state is OrderState.FILLED
        for name in names:
            world.broker.correct(name, 4)
        found = desk.get("c1", None, ALICE)
        assert (found.state, found.filled, found.remaining) == (OrderState.SUBMITTED, 4, 1)
        assert found.commission == Decimal("1.30"), "it stands until that of the correction is told"
        assert journalled(desk) == oracle(world.broker)


@pytest.mark.parametrize("status", ["Cancelled", "Filled", "Inactive"])
@virtual
async def test_a_trade_after_the_end_is_kept(world: World, status: str):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        held = world.broker.of("c1")
        world.broker.tell_status(held, status)
        for leg in (0, 1):
            world.broker.trade(held, leg)
        assert desk.get("c1", None, ALICE).filled == 1
        assert journalled(desk) == oracle(world.broker)


@virtual
async def test_a_trade_before_the_order_is_acknowledged(world: World):
    async with world.desk() as desk:
        world.broker.behaviour.takes_orders = False
        call = asyncio.create_task(desk.place(placement(), ALICE))
        await asyncio.sleep(0.01)
        held = world.broker.admit(world.broker.written[0])
        for leg in (0, 1):
            world.broker.trade(held, leg, 2)
        order = await call
        assert (order.state, order.filled, order.perm_id) == (OrderState.FILLED, 2, held.perm_id)


@virtual
async def test_a_status_before_the_order_is_known_counts_once_it_is(world: World):
    async with world.desk() as desk:
        world.broker.behaviour.answers = False
        call = asyncio.create_task(desk.place(placement(), ALICE))
        await asyncio.sleep(0.1)
        held = world.broker.of("c1")
        world.broker.tell_status(held, "Cancelled")
        assert desk.get("c1", None, ALICE).state is OrderState.PENDING_SUBMIT
        world.broker.tell_order(replace(held, status="Submitted"))
        assert (await call).state is OrderState.CANCELLED


@virtual
async def test_a_fill_that_is_told_without_its_trades_makes_them_be_asked_for(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        held = world.broker.of("c1")
        world.broker.can_send = False
        for leg in (0, 1):
            world.broker.trade(held, leg, 2)
        world.broker.can_send = True
        held.filled = Decimal(2)
        world.broker.tell_status(held, "Filled")
        found = desk.get("c1", None, ALICE)
        assert (found.state, found.filled, journalled(desk)) == (OrderState.FILLED, 2, {})
        assert await until(lambda: journalled(desk) == oracle(world.broker)) < 7


@virtual
async def test_errors_on_a_live_order_end_nothing(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        for code in (103, 104, 105, 161, 201, 202, 321, 329, 399, 10147, 10148, 10349, 99999):
            world.broker.tell_error(1, code)
            assert desk.get("c1", None, ALICE).state is OrderState.SUBMITTED
        assert (await until(lambda: world.broker.lists_read >= 2)) < 3
        world.broker.fill("c1", 2)
        assert desk.get("c1", None, ALICE).state is OrderState.FILLED
