"""The kill switch (invariant 7)."""

import asyncio

import grpc
import pytest

from ibkr_server.orders.order import OrderState
from mesh.errors import MeshError
from tests.ibkr_server.desk.world import ALICE, BOB, OPERATOR, World, placement, until, virtual


@virtual
async def test_nothing_new_leaves_after_the_answer_and_cancels_pass(world: World):
    async with world.desk() as desk:
        await desk.place(placement("before"), ALICE)
        halt, cancelled = await desk.halt("test", BOB, cancel_orders=False)
        assert (halt.by, halt.reason, cancelled) == ("bob", "test", [])
        sent = list(world.broker.written)
        for call in (
            desk.place(placement("after"), ALICE),
            desk.replace("before", 1, None, 1, "", ALICE),
        ):
            with pytest.raises(MeshError, match="halted by bob: test") as caught:
                await call
            assert caught.value.code is grpc.StatusCode.FAILED_PRECONDITION
        assert world.broker.written == sent
        assert (await desk.cancel("before", ALICE)).state is OrderState.CANCELLED


@virtual
async def test_placements_that_wait_for_their_turn_are_stopped(world: World):
    """Halted at every moment of a placing and a change: nothing is written after the answer."""
    for step in range(10):
        folder = world.path.parent / str(step)
        folder.mkdir()
        fresh = World(folder)
        async with fresh.desk() as desk:
            await desk.place(placement("old"), ALICE)
            fresh.gate.seconds = fresh.broker.behaviour.turn_seconds = 0.1
            calls = [
                asyncio.create_task(desk.place(placement("new"), ALICE)),
                asyncio.create_task(desk.replace("old", 1, None, 1, "", ALICE)),
            ]
            await asyncio.sleep(0.03 * step)
            await desk.halt("test", ALICE, cancel_orders=False)
            sent = len(fresh.broker.written)
            await asyncio.gather(*calls, return_exceptions=True)
            await asyncio.sleep(10)
            assert len(fresh.broker.written) == sent == (3 if 0.03 * step >= 0.2 else 1)


@virtual
async def test_it_survives_a_restart_and_only_its_own_number_ends_it(world: World):
    async with world.desk() as desk:
        first, _ = await desk.halt("one", ALICE, cancel_orders=False)
        second, _ = await desk.halt("two", BOB, cancel_orders=False)
    async with world.desk() as desk:
        with pytest.raises(MeshError, match="halted by bob: two"):
            await desk.place(placement(), ALICE)
        with pytest.raises(MeshError, match="the halt in force"):
            await desk.resume(first.sequence, "", OPERATOR)
        await desk.resume(second.sequence, "", OPERATOR)
        assert (await desk.place(placement(), ALICE)).state is OrderState.SUBMITTED
        assert desk.status().halt is None


@virtual
async def test_halting_cancels_the_orders_of_the_mesh_and_no_others(world: World):
    async with world.desk() as desk:
        for name in ("a", "b"):
            await desk.place(placement(name), ALICE)
        manual = world.broker.admit(world.broker.written[0], client_id=0)
        manual.order_ref, manual.order_id = "", 0
        _, cancelled = await desk.halt("test", BOB, cancel_orders=True)
        assert cancelled == ["a", "b"]
        await until(lambda: desk.status().open_orders == 0)
        assert manual.is_live
        assert world.broker.global_cancels == 0
        await desk.cancel_everything(OPERATOR)
        assert (world.broker.global_cancels, manual.is_live) == (1, False)


@virtual
async def test_the_global_cancel_needs_a_halt(world: World):
    async with world.desk() as desk:
        with pytest.raises(MeshError, match="halt it first"):
            await desk.cancel_everything(OPERATOR)
    assert world.broker.global_cancels == 0


@virtual
async def test_trading_is_disabled_by_default(world: World):
    world.settings = world.settings.model_copy(update={"trading": "disabled"})
    async with world.desk() as desk:
        with pytest.raises(MeshError, match="TRADING=enabled"):
            await desk.place(placement(), ALICE)
        assert not desk.status().can_place
    assert world.broker.written == []


@virtual
async def test_the_global_cancel_is_not_sent_once_the_halt_has_ended(world: World):
    async with world.desk() as desk:
        halt, _ = await desk.halt("test", BOB, cancel_orders=False)
        world.broker.behaviour.turn_seconds = 1
        call = asyncio.create_task(desk.cancel_everything(OPERATOR))
        await asyncio.sleep(0.5)
        await desk.resume(halt.sequence, "", OPERATOR)
        with pytest.raises(MeshError, match="halt it first"):
            await call
    assert world.broker.global_cancels == 0
