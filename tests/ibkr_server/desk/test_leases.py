"""Cancel on disconnect (invariant 13)."""

import asyncio

import grpc
import pytest

from ibkr_server.orders.order import OrderState
from mesh.errors import MeshError
from tests.ibkr_server.desk.world import ALICE, BOB, World, placement, until, virtual


@virtual
async def test_orders_are_cancelled_when_a_lease_runs_out_and_others_stay(world: World):
    async with world.desk() as desk:
        lease = desk.leases.renew("", None, ALICE).lease_id
        await desk.place(placement("kept"), ALICE)
        await desk.place(placement("leased", lease_id=lease), ALICE)
        for _ in range(5):
            await asyncio.sleep(8)
            assert desk.leases.renew(lease, None, ALICE).guaranteed
        assert desk.get("leased", None, ALICE).state is OrderState.SUBMITTED
        took = await until(lambda: desk.get("leased", None, ALICE).state is OrderState.CANCELLED)
        assert 10 <= took <= 10.5
        assert desk.get("kept", None, ALICE).state is OrderState.SUBMITTED
        with pytest.raises(MeshError) as caught:
            desk.leases.renew(lease, None, ALICE)
        assert caught.value.code is grpc.StatusCode.NOT_FOUND


@virtual
async def test_with_the_gateway_away_it_is_not_guaranteed_and_owed(world: World):
    async with world.desk() as desk:
        lease = desk.leases.renew("", 5, ALICE).lease_id
        await desk.place(placement(lease_id=lease), ALICE)
        world.broker.cut()
        assert not desk.leases.renew(lease, 5, ALICE).guaranteed
        await asyncio.sleep(30)
        assert world.broker.cancelled == []
        world.broker.connect()
        await until(lambda: desk.get("c1", None, ALICE).state is OrderState.CANCELLED)


@virtual
async def test_a_restart_gives_the_full_term_again(world: World):
    async with world.desk() as desk:
        lease = desk.leases.renew("", 20, ALICE).lease_id
        await desk.place(placement(lease_id=lease), ALICE)
        await asyncio.sleep(15)
    await asyncio.sleep(60)
    async with world.desk() as desk:
        await asyncio.sleep(15)
        assert desk.get("c1", None, ALICE).state is not OrderState.CANCELLED
        took = await until(lambda: desk.get("c1", None, ALICE).state is OrderState.CANCELLED)
        assert 3 < took < 6


@pytest.mark.parametrize("cancel", [True, False])
@virtual
async def test_one_that_is_given_back(world: World, cancel: bool):
    async with world.desk() as desk:
        lease = desk.leases.renew("", None, ALICE).lease_id
        await desk.place(placement(lease_id=lease), ALICE)
        ended = desk.leases.end(lease, ALICE, cancel_orders=cancel)
        assert (list(ended.client_order_ids), ended.guaranteed) == (["c1"] if cancel else [], True)
        await asyncio.sleep(30)
        state = desk.get("c1", None, ALICE).state
        assert state is (OrderState.CANCELLED if cancel else OrderState.SUBMITTED)


@virtual
async def test_only_an_open_one_of_ones_own_takes_orders(world: World):
    async with world.desk() as desk:
        lease = desk.leases.renew("", 2, ALICE).lease_id
        for name, caller in ((lease, BOB), ("other", ALICE)):
            with pytest.raises(MeshError) as caught:
                await desk.place(placement(lease_id=name), caller)
            assert caught.value.code is grpc.StatusCode.FAILED_PRECONDITION
        with pytest.raises(MeshError) as caught:
            desk.leases.renew(lease, None, BOB)
        assert caught.value.code is grpc.StatusCode.NOT_FOUND


@virtual
async def test_an_order_that_waits_while_its_lease_runs_out_is_not_sent(world: World):
    world.broker.behaviour.turn_seconds = 3
    async with world.desk() as desk:
        lease = desk.leases.renew("", 2, ALICE).lease_id
        with pytest.raises(MeshError, match="lease"):
            await desk.place(placement(lease_id=lease), ALICE)
    assert world.broker.written == []


@virtual
async def test_leases_are_bounded(world: World):
    async with world.desk() as desk:
        for _ in range(world.settings.max_leases):
            desk.leases.renew("", 60, ALICE)
        with pytest.raises(MeshError) as caught:
            desk.leases.renew("", 60, ALICE)
        assert caught.value.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        desk.leases.renew("", 60, BOB)
        await asyncio.sleep(61)
        desk.leases.renew("", 60, ALICE)
