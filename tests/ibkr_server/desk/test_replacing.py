"""A change is sent once for each revision, and never while something is unclear (invariant 2)."""

import asyncio
from decimal import Decimal

import grpc
import pytest

from ibkr_server.orders.order import OrderState
from mesh.errors import MeshError
from tests.ibkr_server.desk.world import ALICE, BOB, World, placement, spread, until, virtual


@virtual
async def test_a_change_is_made_once(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        changes = (desk.replace("c1", 1, Decimal("1.25"), 3, "", ALICE) for _ in range(5))
        for order in await asyncio.gather(*changes):
            assert (order.revision, order.spec) == (1, spread(3, "1.25"))
        order = await desk.replace("c1", 2, Decimal("1.30"), None, "", ALICE)
        assert (order.revision, order.spec.limit_price, order.spec.quantity) == (2, Decimal("1.30"), 3)
    assert [ticket.order_id for ticket in world.broker.written] == [1, 1, 1]
    assert world.gate.checked == [spread(), spread(3, "1.25"), spread(3, "1.30")]


@pytest.mark.parametrize(
    ("revision", "limit", "quantity", "code"),
    [
        (2, "1.25", None, grpc.StatusCode.FAILED_PRECONDITION),
        (1, "1.20", None, grpc.StatusCode.INVALID_ARGUMENT),
        (1, None, 1, grpc.StatusCode.FAILED_PRECONDITION),
    ],
)
@virtual
async def test_what_makes_no_sense(world: World, revision, limit, quantity, code):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        world.broker.fill("c1", 1)
        with pytest.raises(MeshError) as caught:
            await desk.replace("c1", revision, limit and Decimal(limit), quantity, "", ALICE)
        assert caught.value.code is code
    assert len(world.broker.written) == 1


@virtual
async def test_a_revision_belongs_to_one_change_and_an_order_to_its_owner(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        await desk.replace("c1", 1, Decimal("1.25"), None, "", ALICE)
        for limit, caller, code in (
            ("1.30", ALICE, grpc.StatusCode.ALREADY_EXISTS),
            ("1.25", BOB, grpc.StatusCode.NOT_FOUND),
        ):
            with pytest.raises(MeshError) as caught:
                await desk.replace("c1", 1, Decimal(limit), None, "", caller)
            assert caught.value.code is code
    assert len(world.broker.written) == 2


@virtual
async def test_no_change_while_not_ready(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        world.broker.cut()
        world.broker.restore()
        with pytest.raises(MeshError) as caught:
            await desk.replace("c1", 1, Decimal("1.25"), None, "", ALICE)
        assert caught.value.code is grpc.StatusCode.UNAVAILABLE
    assert len(world.broker.written) == 1


@pytest.mark.parametrize("taken", [True, False])
@virtual
async def test_an_unanswered_change_is_settled_by_the_lists(world: World, taken: bool):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        world.broker.behaviour.answers = False
        world.broker.behaviour.takes_changes = taken
        order = await desk.replace("c1", 1, Decimal("1.25"), None, "", ALICE)
        assert order.spec == spread()
        with pytest.raises(MeshError, match="not answered yet"):
            await desk.replace("c1", 2, Decimal("1.30"), None, "", ALICE)
        await asyncio.sleep(6)
        order = desk.get("c1", None, ALICE)
        assert order.spec == (spread(limit="1.25") if taken else spread())
        assert order.reason == ("" if taken else "change 1 was not made")
        world.broker.behaviour.answers = world.broker.behaviour.takes_changes = True
        assert (await desk.replace("c1", 2, Decimal("1.30"), None, "", ALICE)).revision == 2


@virtual
async def test_a_refused_change_leaves_the_order_as_it_was(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        world.broker.behaviour.answers = world.broker.behaviour.takes_changes = False
        call = asyncio.create_task(desk.replace("c1", 1, Decimal("1.25"), None, "", ALICE))
        await asyncio.sleep(0.1)
        world.broker.tell_error(1, 105, "does not match")
        order = await call
        assert (order.state, order.spec, order.revision) == (OrderState.SUBMITTED, spread(), 1)
        assert order.reason == "change 1 was not made: does not match"


@virtual
async def test_an_unsent_change_keeps_its_number_free(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        await desk.replace("c1", 1, Decimal("1.25"), None, "", ALICE)
        world.broker.behaviour.fails_after_writes = 0
        with pytest.raises(MeshError):
            await desk.replace("c1", 2, Decimal("1.30"), None, "", ALICE)
        assert desk.get("c1", None, ALICE).revision == 1
        world.broker.behaviour.fails_after_writes = None
        assert (await desk.replace("c1", 2, Decimal("1.30"), None, "", ALICE)).revision == 2


@virtual
async def test_a_fill_while_the_quantity_grows_does_not_end_the_order(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        world.broker.behaviour.answers = False
        call = asyncio.create_task(desk.replace("c1", 1, None, 5, "", ALICE))
        await asyncio.sleep(0.01)
        held = world.broker.of("c1")
        for leg in (0, 1):
            world.broker.trade(held, leg, 3)
        assert desk.get("c1", None, ALICE).state is OrderState.SUBMITTED
        assert desk.status().halt is None
        world.broker.tell_order(held)
        await asyncio.sleep(0.1)
        world.broker.tell_order(held)
        order = await call
        assert (order.state, order.filled, order.remaining) == (OrderState.SUBMITTED, 3, 2)


@virtual
async def test_an_order_that_was_changed_by_hand_is_told_as_it_is(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        held = world.broker.of("c1")
        held.status, held.spec = "Submitted", spread(1, "1.10")
        world.broker.tell_order(held)
        await until(lambda: desk.get("c1", None, ALICE).spec == spread(1, "1.10"))
        assert desk.status().halt is None


@pytest.mark.parametrize("status", ["Cancelled", "Submitted"])
@virtual
async def test_an_order_that_ends_or_changes_while_its_change_waits_is_left_alone(world: World, status: str):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        world.gate.seconds = 1
        call = asyncio.create_task(desk.replace("c1", 1, Decimal("1.25"), None, "", ALICE))
        await asyncio.sleep(0.5)
        held = world.broker.of("c1")
        held.status, held.spec = status, spread(1)
        world.broker.tell_order(held)
        with pytest.raises(MeshError) as caught:
            await call
        assert caught.value.code is grpc.StatusCode.FAILED_PRECONDITION
    assert len(world.broker.written) == 1
