"""What must not happen halts, and both of two orders are cancelled (invariant 2)."""

import asyncio
from dataclasses import replace
from decimal import Decimal

from ibkr_server.orders.broker import Ticket
from ibkr_server.orders.order import OrderState
from tests.ibkr_server.desk.world import ALICE, OPERATOR, World, placement, spread, until, virtual


def twin_of(world: World, order_id: int = 1):
    twin = world.broker.admit(Ticket(order_id, "c1", spread()))
    twin.status = "Submitted"
    return twin


@virtual
async def test_two_orders_of_one_name_are_seen_at_once_and_both_cancelled(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        first = world.broker.of("c1")
        twin = twin_of(world)
        world.broker.tell_order(twin)
        halt = desk.status().halt
        assert halt is not None
        assert (halt.by, halt.reason.partition(":")[0]) == ("alert", "DUPLICATE_ORDER")
        took = await until(lambda: not first.is_live and not twin.is_live)
        assert took < 5
        assert desk.get("c1", None, ALICE).state is OrderState.CANCELLED


@virtual
async def test_a_twin_with_a_number_of_its_own_and_only_in_the_list(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        world.broker.cut()
        twin = twin_of(world, order_id=2)
        world.broker.restore()
        assert await until(lambda: desk.status().halt is not None) < 5
        await until(lambda: not twin.is_live)
        assert sorted(set(world.broker.cancelled)) == [1, 2]


@virtual
async def test_fills_of_a_twin_are_kept_and_counted(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        twin = twin_of(world, order_id=2)
        world.broker.behaviour.cancels = False
        for held in (world.broker.orders[1001], twin):
            for leg in (0, 1):
                world.broker.trade(held, leg, 2)
        assert len(desk.executions(ALICE).items) == 4
        found = desk.get("c1", None, ALICE)
        assert (found.filled, found.state) == (4, OrderState.FILLED)
        kinds = [halt.reason.partition(":")[0] for halt in [desk.status().halt] if halt]
        assert kinds == ["ORDER_EXCEEDED"]


@virtual
async def test_an_alarm_is_raised_once(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        twin = twin_of(world)
        world.broker.tell_order(twin)
        halt = desk.status().halt
        assert halt is not None
        await until(lambda: not twin.is_live)
        await desk.resume(halt.sequence, "seen", OPERATOR)
        world.broker.tell_order(twin)
        assert desk.status().halt is None
    async with world.desk() as desk:
        assert desk.status().halt is None


@virtual
async def test_an_order_for_more_than_was_asked(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        held = world.broker.of("c1")
        held.spec = replace(held.spec, quantity=20)
        world.broker.tell_order(held)
        halt = desk.status().halt
        assert halt is not None
        assert halt.reason.startswith("ORDER_EXCEEDED")
        await until(lambda: not held.is_live)
        await desk.resume(halt.sequence, "seen", OPERATOR)
        world.broker.tell_status(replace(held, filled=Decimal(21)))
        assert desk.status().halt is None, "the same alarm is raised once"


@virtual
async def test_an_order_of_ours_that_the_journal_does_not_know(world: World):
    held = world.broker.admit(Ticket(70, "mine", spread()))
    async with world.desk() as desk:
        halt = desk.status().halt
        assert halt is not None
        assert halt.reason.startswith("UNRECORDED_ORDER")
        assert held.is_live


@virtual
async def test_a_trade_of_ours_that_the_journal_does_not_know(world: World):
    async with world.desk() as desk:
        held = world.broker.admit(Ticket(70, "mine", spread()))
        world.broker.trade(held, 0)
        halt = desk.status().halt
        assert halt is not None
        assert halt.reason.startswith("UNRECORDED_ORDER")
        assert [item.client_order_id for item in desk.executions(OPERATOR).items] == ["mine"]
        assert list(desk.executions(ALICE).items) == []


@virtual
async def test_a_number_that_was_taken(world: World):
    async with world.desk() as desk:
        world.broker.behaviour.refuses_with = 103
        order = await desk.place(placement(), ALICE)
        assert order.state is OrderState.REJECTED
        halt = desk.status().halt
        assert halt is not None
        assert halt.reason.startswith("ORDER_ID_COLLISION")
        await asyncio.sleep(0)


@virtual
async def test_a_status_of_more_than_was_asked(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        world.broker.tell_status(replace(world.broker.of("c1"), filled=Decimal(3)))
        halt = desk.status().halt
        assert halt is not None
        assert halt.reason.startswith("ORDER_EXCEEDED")
