"""Lists of orders and trades, a page at a time."""

from datetime import timedelta

import pytest

from ibkr_server.orders.broker import Ticket
from ibkr_server.orders.order import OrderState
from tests.ibkr_server.desk.world import ALICE, BOB, OPERATOR, World, placement, spread, virtual


def names(desk, caller, size: int, **rest) -> list[str]:
    """All pages; orders that are placed meanwhile don't move them."""
    found, before = [], None
    while True:
        page = desk.orders(caller, size=size, before=before, **rest)
        assert len(page.items) <= size
        found += [order.client_order_id for order in page.items]
        before = page.next_offset
        if before is None:
            return found


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@virtual
async def test_orders_come_latest_first_in_pages(world: World, size: int):
    world.broker.admit(Ticket(7, "theirs", spread()), client_id=9)
    async with world.desk() as desk:
        for name, caller in (("a", ALICE), ("b", BOB), ("c", ALICE), ("d", ALICE)):
            await desk.place(placement(name), caller)
        await desk.cancel("c", ALICE)
        assert names(desk, ALICE, size) == ["d", "c", "a"]
        assert names(desk, ALICE, size, open_only=True) == ["d", "a"]
        assert names(desk, OPERATOR, size) == ["d", "c", "b", "a", "theirs"]
        first = desk.orders(ALICE, size=1)
        await desk.place(placement("e"), ALICE)
        rest = desk.orders(ALICE, size=5, before=first.next_offset)
        assert [order.client_order_id for order in rest.items] == ["c", "a"]


@pytest.mark.parametrize("size", [1, 3, 100])
@virtual
async def test_trades_come_oldest_first_in_pages(world: World, size: int):
    async with world.desk() as desk:
        for name, caller in (("a", ALICE), ("b", BOB), ("c", ALICE)):
            await desk.place(placement(name), caller)
            world.broker.fill(name, 1)
        found, after = [], 0
        while after is not None:
            page = desk.executions(ALICE, size=size, after=after)
            found += [item.client_order_id for item in page.items]
            after = page.next_offset
        assert found == ["a", "a", "c", "c"]
        assert len(desk.executions(ALICE, client_order_id="c").items) == 2
        assert list(desk.executions(ALICE, client_order_id="b").items) == []
        last = desk.executions(ALICE).items[-1].time
        assert len(desk.executions(ALICE, since=last).items) == 4
        assert list(desk.executions(ALICE, since=last + timedelta(seconds=1)).items) == []


@virtual
async def test_a_snapshot_has_what_is_open_or_of_today(world: World):
    async with world.desk() as desk:
        await desk.place(placement("open"), ALICE)
        await desk.place(placement("ended"), ALICE)
        await desk.cancel("ended", ALICE)
        with desk.watch(ALICE) as watch:
            states = {order.client_order_id: order.state for order in watch.snapshot.orders}
        assert states == {"open": OrderState.SUBMITTED, "ended": OrderState.CANCELLED}
        world.days = 1
        with desk.watch(ALICE) as watch:
            assert [order.client_order_id for order in watch.snapshot.orders] == ["open"]
