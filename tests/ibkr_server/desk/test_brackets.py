"""An entry and its exits are sent together, or the entry does not work."""

from decimal import Decimal

import grpc
import pytest

from ibkr_server.orders.order import OrderState
from ibkr_server.orders.spec import Bracket, OrderType
from mesh.errors import MeshError
from tests.ibkr_server.desk.world import ALICE, World, placement, spread, until, virtual

CREDIT = spread(2, "-1.20", Bracket(profit_taker=Decimal("-0.40"), stop_loss=Decimal("-2.00")))


@virtual
async def test_three_orders_in_one_go(world: World):
    async with world.desk() as desk:
        await desk.place(placement(spec=CREDIT), ALICE)
        entry, profit, stop = world.broker.written
        assert [ticket.transmit for ticket in (entry, profit, stop)] == [False, False, True]
        assert [ticket.parent_id for ticket in (profit, stop)] == [entry.order_id] * 2
        assert all(ticket.is_exit and ticket.spec.legs == CREDIT.legs for ticket in (profit, stop))
        assert (profit.spec.limit_price, stop.stop_price) == (Decimal("-0.40"), Decimal("-2.00"))
        assert stop.spec.type is OrderType.STOP
        await until(lambda: desk.get("c1/stop", None, ALICE).perm_id is not None)
        exit_ = desk.get("c1/profit", None, ALICE)
        assert exit_.parent == "c1"
        assert exit_.spec.limit_price == Decimal("0.40")
        assert [leg.ratio for leg in exit_.spec.legs] == [-1, 1]
        world.broker.fill("c1", 2)
        world.broker.fill("c1/profit", 2)
        assert desk.get("c1/profit", None, ALICE).state is OrderState.FILLED
        assert desk.status().halt is None


@virtual
async def test_the_same_bracket_again_sends_nothing(world: World):
    async with world.desk() as desk:
        for _ in range(2):
            await desk.place(placement(spec=CREDIT), ALICE)
    assert len(world.broker.written) == 3


@pytest.mark.parametrize("written", [0, 1, 2])
@virtual
async def test_a_socket_that_breaks_between_them(world: World, written: int):
    async with world.desk() as desk:
        world.broker.behaviour.fails_after_writes = written
        if written:
            await desk.place(placement(spec=CREDIT), ALICE)
        else:
            with pytest.raises(MeshError) as caught:
                await desk.place(placement(spec=CREDIT), ALICE)
            assert caught.value.code is grpc.StatusCode.UNAVAILABLE
        assert [ticket.transmit for ticket in world.broker.written] == [False] * written
        world.broker.behaviour.fails_after_writes = None
        await until(lambda: desk.status().open_orders == 0)
        assert not list(world.broker.live())
        states = [desk.get(name, None, ALICE).state for name in ("c1", "c1/profit", "c1/stop")]
        assert states == [OrderState.CANCELLED] * written + [OrderState.REJECTED] * (3 - written)


@virtual
async def test_the_limit_of_an_exit_can_be_changed(world: World):
    async with world.desk() as desk:
        await desk.place(placement(spec=CREDIT), ALICE)
        await until(lambda: desk.get("c1/profit", None, ALICE).perm_id is not None)
        order = await desk.replace("c1/profit", 1, Decimal("0.30"), None, "", ALICE)
        assert order.spec.limit_price == Decimal("0.30")
        ticket = world.broker.written[-1]
        assert (ticket.order_id, ticket.spec.limit_price, ticket.is_exit) == (2, Decimal("-0.30"), True)


@virtual
async def test_callers_cannot_take_the_name_of_an_exit(world: World):
    async with world.desk() as desk:
        with pytest.raises(MeshError) as caught:
            await desk.place(placement("c1/profit"), ALICE)
        assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
