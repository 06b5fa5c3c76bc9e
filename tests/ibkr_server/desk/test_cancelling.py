"""Cancellations are owed until the order is done."""

import asyncio

import grpc
import pytest

from ibkr_server.orders.order import OrderState
from mesh.errors import MeshError, unavailable
from tests.ibkr_server.desk.world import ALICE, BOB, OPERATOR, World, placement, until, virtual


@virtual
async def test_it_is_idempotent(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        found = await asyncio.gather(*(desk.cancel("c1", ALICE) for _ in range(5)))
        assert {order.state for order in found} == {OrderState.CANCELLED}
        assert (await desk.cancel("c1", ALICE)).state is OrderState.CANCELLED
    assert world.broker.cancelled == [1]


@virtual
async def test_what_is_filled_or_absent_or_another_s(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        for name, caller in (("c1", BOB), ("none", ALICE)):
            with pytest.raises(MeshError) as caught:
                await desk.cancel(name, caller)
            assert caught.value.code is grpc.StatusCode.NOT_FOUND
        world.broker.fill("c1", 2)
        with pytest.raises(MeshError, match="filled already") as caught:
            await desk.cancel("c1", ALICE)
        assert caught.value.code is grpc.StatusCode.FAILED_PRECONDITION
        await desk.place(placement("c2"), ALICE)
        assert (await desk.cancel("c2", OPERATOR)).state is OrderState.CANCELLED


@virtual
async def test_a_fill_that_races_it_is_kept(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        call = asyncio.create_task(desk.cancel("c1", ALICE))
        await asyncio.sleep(0.01)
        assert desk.get("c1", None, ALICE).state is OrderState.PENDING_CANCEL
        world.broker.fill("c1", 1)
        found = await call
        assert (found.state, found.filled, found.remaining) == (OrderState.CANCELLED, 1, 0)


@virtual
async def test_with_the_gateway_away_it_goes_out_on_its_return(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        world.broker.cut()
        began = asyncio.get_running_loop().time()
        assert (await desk.cancel("c1", ALICE)).state is OrderState.PENDING_CANCEL
        assert asyncio.get_running_loop().time() == began
        world.broker.connect()
        await until(lambda: desk.get("c1", None, ALICE).state is OrderState.CANCELLED)
    assert world.broker.cancelled == [1]


@virtual
async def test_it_outlives_the_process(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        world.broker.cut()
        await desk.cancel("c1", ALICE)
    async with world.desk() as desk:
        await until(lambda: desk.get("c1", None, ALICE).state is OrderState.CANCELLED)


@virtual
async def test_one_without_effect_is_sent_again_after_growing_pauses(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        world.broker.behaviour.cancels = False
        found = await desk.cancel("c1", ALICE)
        assert found.state is OrderState.PENDING_CANCEL
        await asyncio.sleep(60)
        assert len(world.broker.cancelled) == 4
        world.broker.behaviour.cancels = True
        await until(lambda: desk.get("c1", None, ALICE).state is OrderState.CANCELLED, 61)


@pytest.mark.parametrize("code", [161, 10147, 10148])
@virtual
async def test_a_refused_one_leaves_the_order_as_it_is(world: World, code: int):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        world.broker.behaviour.cancels = False
        call = asyncio.create_task(desk.cancel("c1", ALICE))
        await asyncio.sleep(0.1)
        world.broker.tell_error(1, code)
        assert (await call).state is OrderState.PENDING_CANCEL
        assert world.broker.of("c1").is_live


@virtual
async def test_an_unknown_order_is_cancelled_once_it_is_found(world: World):
    async with world.desk() as desk:
        world.broker.behaviour.takes_orders = False
        call = asyncio.create_task(desk.place(placement(), ALICE))
        await asyncio.sleep(0.1)
        assert (await desk.cancel("c1", ALICE)).state is OrderState.UNKNOWN
        await call
        held = world.broker.admit(world.broker.written[0])
        world.broker.tell_order(held)
        await until(lambda: not held.is_live)
        await until(lambda: desk.get("c1", None, ALICE).state is OrderState.CANCELLED)


@virtual
async def test_cancelled_by_hand(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        world.broker.tell_status(world.broker.of("c1"), "Cancelled")
        world.broker.tell_error(1, 202)
        assert desk.get("c1", None, ALICE).state is OrderState.CANCELLED


@virtual
async def test_an_order_that_was_cancelled_before_it_left_the_gateway(world: World):
    """It's told by a status alone, without openOrder, and is in no list."""
    async with world.desk() as desk:
        world.broker.behaviour.takes_orders = False
        call = asyncio.create_task(desk.place(placement(), ALICE))
        await asyncio.sleep(0.1)
        held = world.broker.admit(world.broker.written[0])
        del world.broker.orders[held.perm_id]
        world.broker.tell_status(held, "ApiCancelled")
        world.broker.tell_error(1, 202)
        await call
        await until(lambda: desk.get("c1", None, ALICE).state is OrderState.CANCELLED)
        assert desk.get("c1", None, ALICE).perm_id == held.perm_id


@virtual
async def test_a_turn_that_does_not_come_is_waited_for_again(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        turn, failures = world.broker.turn, 2

        async def late() -> None:
            nonlocal failures
            failures -= 1
            if failures >= 0:
                raise unavailable("the gateway does not keep up", 1.0)
            await turn()

        world.broker.turn = late
        assert (await desk.cancel("c1", ALICE)).state is OrderState.CANCELLED
        assert failures < 0


@virtual
async def test_its_confirmation_reads_no_lists_and_a_missing_state_does(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        await desk.cancel("c1", ALICE)
        world.broker.tell_error(1, 202, "Order Canceled - reason:")
        await asyncio.sleep(20)
        assert world.broker.lists_read == 1
        world.broker.behaviour.cancels = False
        await desk.place(placement("c2"), ALICE)
        call = asyncio.create_task(desk.cancel("c2", ALICE))
        await asyncio.sleep(0.1)
        held = world.broker.of("c2")
        held.status = "Cancelled"  # and nobody says so
        world.broker.tell_error(held.order_id, 202, "Order Canceled - reason:")
        assert (await call).state is OrderState.PENDING_CANCEL
        await until(lambda: desk.get("c2", None, ALICE).state is OrderState.CANCELLED, 10)


@virtual
async def test_one_that_was_not_asked_for_has_the_lists_read(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        held = world.broker.of("c1")
        held.status = "Cancelled"
        world.broker.tell_error(held.order_id, 202, "Order Canceled - reason:")
        await until(lambda: desk.get("c1", None, ALICE).state is OrderState.CANCELLED, 2)
