"""At most once, whatever the callers, the gateway and this process do (invariants 1, 3, 4)."""

import asyncio
import sqlite3
from decimal import Decimal

import grpc
import pytest

from ibkr_server.orders.order import OrderState
from mesh.errors import MeshError, failed_precondition
from tests.ibkr_server.desk.world import ALICE, BOB, World, placement, spread, virtual


@virtual
async def test_an_order_is_placed_and_acknowledged(world: World):
    async with world.desk() as desk:
        order = await desk.place(placement(), ALICE)
        assert (order.state, order.owner, order.perm_id) == (OrderState.SUBMITTED, "alice", 1001)
        world.broker.fill("c1", 2)
        found = desk.get(None, 1001, ALICE)
        assert (found.state, found.filled, found.commission) == (OrderState.FILLED, 2, Decimal("1.30"))
        assert world.gate.counted == [spread()]


@virtual
async def test_many_identical_calls_send_once(world: World):
    world.broker.behaviour.turn_seconds = 0.5
    async with world.desk() as desk:
        orders = await asyncio.gather(*(desk.place(placement(), ALICE) for _ in range(20)))
        again = await desk.place(placement(), ALICE)
    assert {order.perm_id for order in [*orders, again]} == {1001}
    assert [ticket.order_ref for ticket in world.broker.written] == ["c1"]


@virtual
async def test_what_passed_the_gate_and_was_not_sent_is_forgotten_there(world: World):
    broker, unwilling = world.broker, failed_precondition("LIMIT", "order", "refused")
    async with world.desk() as desk:
        await desk.place(placement("sent"), ALICE)
        world.gate.refusal = unwilling
        with pytest.raises(MeshError):
            await desk.place(placement("refused"), ALICE)
        assert world.gate.taken_back == []  # it has never passed
        world.gate.refusal = None
        broker.behaviour.turn_seconds = 1.0
        gone = asyncio.create_task(desk.place(placement("gone"), ALICE))
        late = asyncio.create_task(desk.place(placement("late", spread(3)), ALICE))
        await asyncio.sleep(0.5)
        gone.cancel()
        broker.cut()
        await asyncio.wait([gone, late])
        assert isinstance(late.exception(), MeshError)
        assert world.gate.taken_back == [spread(), spread(3)]
        broker.behaviour.turn_seconds = 0.0
        broker.restore()
        broker.behaviour.fails_after_writes = 0
        await asyncio.sleep(5)
        with pytest.raises(MeshError):
            await desk.place(placement("unwritten", spread(4)), ALICE)
        broker.behaviour.fails_after_writes = 0
        with pytest.raises(MeshError):
            await desk.replace("sent", 1, Decimal("1.10"), None, "", ALICE)
    assert world.gate.taken_back == [spread(), spread(3), spread(4), spread(limit="1.10")]
    assert len(broker.written) == 1


@virtual
async def test_a_name_belongs_to_one_order_of_one_caller(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        for other, caller in ((placement(spec=spread(3)), ALICE), (placement(), BOB)):
            with pytest.raises(MeshError) as caught:
                await desk.place(other, caller)
            assert caught.value.code is grpc.StatusCode.ALREADY_EXISTS
    assert len(world.broker.written) == 1


@virtual
async def test_the_same_name_after_a_restart_sends_nothing(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
    async with world.desk() as desk:
        order = await desk.place(placement(), ALICE)
        assert order.perm_id == 1001
    assert len(world.broker.written) == 1


@virtual
async def test_a_caller_that_leaves_before_the_intent_leaves_nothing(world: World):
    """Cancelled at every moment up to the write and after: the journal knows what was written."""
    for step in range(12):
        folder = world.path.parent / str(step)
        folder.mkdir()
        fresh = World(folder)
        fresh.gate.seconds = fresh.broker.behaviour.turn_seconds = 0.1
        async with fresh.desk() as desk:
            call = asyncio.create_task(desk.place(placement(), ALICE))
            await asyncio.sleep(0.03 * step)
            call.cancel()
            await asyncio.wait([call])
            await asyncio.sleep(1)
            known = {order.client_order_id for order in desk.orders(ALICE).items}
            assert known == {ticket.order_ref for ticket in fresh.broker.written}
            assert len(fresh.broker.written) == (0.03 * step >= 0.2)


@virtual
async def test_the_intent_is_on_disk_before_the_first_byte(world: World):
    async with world.desk() as desk:
        seen = []
        place = world.broker.place

        def spy(ticket):
            with sqlite3.connect(f"file:{world.path}?mode=ro", uri=True) as database:
                rows = database.execute("SELECT kind FROM entries WHERE client_order_id = 'c1'").fetchall()
            seen.append(rows)
            place(ticket)

        world.broker.place = spy
        await desk.place(placement(), ALICE)
        assert seen == [[("intent",)]]


@virtual
async def test_what_certainly_was_not_written_may_be_tried_again(world: World):
    async with world.desk() as desk:
        world.broker.behaviour.fails_after_writes = 0
        with pytest.raises(MeshError) as caught:
            await desk.place(placement(), ALICE)
        assert caught.value.code is grpc.StatusCode.UNAVAILABLE
        assert caught.value.retry_after_seconds is not None
        assert desk.get("c1", None, ALICE).state is OrderState.REJECTED
        world.broker.behaviour.fails_after_writes = None
        order = await desk.place(placement(), ALICE)
        assert order.state is OrderState.SUBMITTED
    assert [ticket.order_id for ticket in world.broker.written] == [2]


@virtual
async def test_order_ids_never_fall(world: World):
    async with world.desk() as desk:
        for name in ("a", "b"):
            await desk.place(placement(name), ALICE)
    world.broker._taken = 0
    world.broker.next_order_id = 1
    async with world.desk() as desk:
        await desk.place(placement("c"), ALICE)
        world.broker.next_order_id = 500
        await desk.place(placement("d"), ALICE)
    assert [ticket.order_id for ticket in world.broker.written] == [1, 2, 3, 500]


@virtual
async def test_a_refusal_of_the_gate_sends_nothing(world: World):
    world.gate.refusal = failed_precondition("MAX_LOSS", "order", "too much")
    async with world.desk() as desk:
        with pytest.raises(MeshError, match="too much"):
            await desk.place(placement(), ALICE)
        assert list(desk.orders(ALICE).items) == []
    assert world.broker.written == []


@virtual
async def test_a_rejection_is_an_answer(world: World):
    world.broker.behaviour.refuses_with = 201
    async with world.desk() as desk:
        order = await desk.place(placement(), ALICE)
        assert (order.state, order.ib_code) == (OrderState.REJECTED, 201)


@virtual
async def test_callers_that_wait_are_bounded(world: World):
    world.settings = world.settings.model_copy(update={"max_placements": 3})
    world.broker.behaviour.turn_seconds = 1
    async with world.desk() as desk:
        calls = [asyncio.create_task(desk.place(placement(f"c{i}"), ALICE)) for i in range(4)]
        found = await asyncio.gather(*calls, return_exceptions=True)
    codes = [each.code for each in found if isinstance(each, MeshError)]
    assert codes == [grpc.StatusCode.RESOURCE_EXHAUSTED]
    assert len(world.broker.written) == 3
