"""UNKNOWN until all three lists have answered; READY only when they have (invariants 1, 5, 6)."""

import asyncio

import grpc
import pytest

from ibkr_server.orders.broker import Ticket
from ibkr_server.orders.order import OrderState, Origin
from mesh.errors import MeshError
from tests.ibkr_server.desk.world import ALICE, OPERATOR, World, placement, spread, until, virtual


class Unheard:
    """Takes what the gateway says, and does nothing with it."""

    def __init__(self, told: list) -> None:
        self._told = told

    def __getattr__(self, _name: str):
        return lambda *report: self._told.append(report)


async def refused(call) -> MeshError:
    with pytest.raises(MeshError) as caught:
        await call
    return caught.value


@virtual
async def test_nothing_leaves_before_the_gateway_was_read(world: World):
    async with world.desk(ready=False) as desk:
        error = await refused(desk.place(placement(), ALICE))
        assert error.code is grpc.StatusCode.UNAVAILABLE
        world.broker.connect()
        await asyncio.sleep(0.5)
        assert "being read" in (await refused(desk.place(placement(), ALICE))).message
        assert (await refused(desk.place(placement(), ALICE))).retry_after_seconds is not None
        await until(lambda: desk.status().can_place)
        await desk.place(placement(), ALICE)
    assert len(world.broker.written) == 1


@pytest.mark.parametrize("name", ["open", "completed", "executions"])
@virtual
async def test_it_is_not_ready_while_one_list_is_missing(world: World, name: str):
    world.broker.behaviour.unanswered_lists = {name}
    async with world.desk(ready=False) as desk:
        world.broker.connect()
        await asyncio.sleep(120)
        assert not desk.status().can_place
        assert 5 <= world.broker.lists_read <= 20
        world.broker.behaviour.unanswered_lists = set()
        assert await until(lambda: desk.status().can_place) < 25


@virtual
async def test_a_read_only_gateway_is_asked_once_in_each_session_and_gets_no_order(world: World):
    world.broker.behaviour.read_only = True
    async with world.desk(ready=False) as desk:
        for sessions in (1, 2):
            world.broker.connect()
            await asyncio.sleep(300)
            assert world.broker.lists_read == sessions
            assert desk.status().reasons == [
                "trading: the gateway's API is read-only: no orders can be placed"
            ]
            error = await refused(desk.place(placement(), ALICE))
            assert error.code is grpc.StatusCode.FAILED_PRECONDITION
            assert error.details[0].violations[0].type == "READ_ONLY_API"
            world.broker.cut()
        world.broker.behaviour.read_only = False
        world.broker.connect()
        assert await until(lambda: desk.status().can_place) < 5
    assert world.broker.written == []


@virtual
async def test_a_broken_link_ends_ready_and_its_return_reads_again(world: World):
    async with world.desk() as desk:
        world.broker.cut()
        assert not desk.status().reconciled
        error = await refused(desk.place(placement(), ALICE))
        assert error.code is grpc.StatusCode.UNAVAILABLE
        world.broker.restore()
        assert not desk.status().can_place
        await until(lambda: desk.status().can_place)
        assert world.broker.lists_read == 2


@virtual
async def test_a_link_that_breaks_during_the_reading_voids_it(world: World):
    async with world.desk(ready=False) as desk:
        world.broker.connect()
        await asyncio.sleep(0.9)
        world.broker.cut()
        world.broker.restore()
        await asyncio.sleep(0.2)
        assert not desk.status().reconciled
        await until(lambda: desk.status().reconciled)


@virtual
async def test_silence_makes_an_order_unknown_and_the_lists_tell_that_it_lives(world: World):
    async with world.desk() as desk:
        world.broker.behaviour.answers = False
        world.broker.behaviour.list_seconds = 3
        order = await desk.place(placement(), ALICE)
        assert order.state is OrderState.UNKNOWN
        took = await until(lambda: desk.get("c1", None, ALICE).state is not OrderState.UNKNOWN)
        assert desk.get("c1", None, ALICE).state is OrderState.PRE_SUBMITTED
        assert took <= 3.1
        assert desk.status().can_place
    assert len(world.broker.written) == 1


@virtual
async def test_an_order_that_never_arrived_is_absent_and_its_name_stays_taken(world: World):
    async with world.desk() as desk:
        world.broker.behaviour.takes_orders = False
        assert (await desk.place(placement(), ALICE)).state is OrderState.UNKNOWN
        await until(lambda: desk.get("c1", None, ALICE).state is OrderState.ABSENT)
        assert (await desk.place(placement(), ALICE)).state is OrderState.ABSENT
        assert desk.status().open_orders == 0
    assert len(world.broker.written) == 1


@pytest.mark.parametrize("missing", ["open", "completed", "executions"])
@virtual
async def test_absence_needs_all_three_lists(world: World, missing: str):
    async with world.desk() as desk:
        world.broker.behaviour.takes_orders = False
        world.broker.behaviour.unanswered_lists = {missing}
        await desk.place(placement(), ALICE)
        await asyncio.sleep(200)
        assert desk.get("c1", None, ALICE).state is OrderState.UNKNOWN
        assert desk.status().unknown_orders == 1
        world.broker.behaviour.unanswered_lists = set()
        await until(lambda: desk.get("c1", None, ALICE).state is OrderState.ABSENT)


@virtual
async def test_an_absent_order_that_appears_takes_its_true_state(world: World):
    async with world.desk() as desk:
        world.broker.behaviour.takes_orders = False
        await desk.place(placement(), ALICE)
        await until(lambda: desk.get("c1", None, ALICE).state is OrderState.ABSENT)
        held = world.broker.admit(world.broker.written[0])
        world.broker.tell_order(held)
        assert desk.get("c1", None, ALICE).state is OrderState.PRE_SUBMITTED
        world.broker.fill("c1", 2)
        assert desk.get("c1", None, ALICE).state is OrderState.FILLED


@virtual
async def test_one_that_comes_to_the_gateway_after_that_and_is_not_told_is_found(world: World):
    async with world.desk() as desk:
        world.broker.behaviour.takes_orders = False
        await desk.place(placement(), ALICE)
        await until(lambda: desk.get("c1", None, ALICE).state is OrderState.ABSENT)
        world.broker.admit(world.broker.written[0])
        await until(lambda: desk.get("c1", None, ALICE).state is OrderState.PRE_SUBMITTED, 7)
        lists_read = world.broker.lists_read
        await asyncio.sleep(600)
        assert 0 < world.broker.lists_read - lists_read <= 10, "once a minute while an order is at work"


@virtual
async def test_a_fill_that_nobody_tells_is_found_within_a_minute(world: World):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        listener, told = world.broker.listener, []
        world.broker.listener = Unheard(told)
        world.broker.fill("c1", 2)
        world.broker.listener = listener
        assert told, "the gateway's words went astray"
        assert desk.get("c1", None, ALICE).state is OrderState.SUBMITTED
        await until(lambda: len(desk.executions(ALICE).items) == len(world.broker.trades), 65)
        assert desk.get("c1", None, ALICE).state is OrderState.FILLED


@virtual
async def test_an_order_in_flight_at_a_cut_is_unknown_at_once_then_found_filled(world: World):
    async with world.desk() as desk:
        call = asyncio.create_task(desk.place(placement(), ALICE))
        await asyncio.sleep(0.01)
        world.broker.cut()
        assert await until(call.done) < 0.1
        assert (await call).state is OrderState.UNKNOWN
        await asyncio.sleep(1)
        world.broker.fill("c1", 2)
        world.broker.connect()
        await until(lambda: desk.status().reconciled)
        found = desk.get("c1", None, ALICE)
        assert (found.state, found.filled) == (OrderState.FILLED, 2)
        assert len(desk.executions(ALICE).items) == 2


@virtual
async def test_a_new_process_finds_what_the_old_one_left(world: World):
    async with world.desk() as desk:
        for name in ("open", "filled", "gone"):
            await desk.place(placement(name), ALICE)
        world.broker.behaviour.takes_orders = False
        call = asyncio.create_task(desk.place(placement("lost"), ALICE))
        await asyncio.sleep(0.01)
        call.cancel()
    world.broker.fill("filled", 2)
    world.broker.tell_status(world.broker.of("gone"), "Cancelled")
    async with world.desk(ready=False) as desk:
        assert desk.get("lost", None, ALICE).state is OrderState.UNKNOWN
        world.broker.connect()
        await until(lambda: desk.status().reconciled)
        states = {order.client_order_id: order.state for order in desk.orders(ALICE).items}
    assert states == {
        "open": OrderState.SUBMITTED,
        "filled": OrderState.FILLED,
        "gone": OrderState.CANCELLED,
        "lost": OrderState.ABSENT,
    }
    assert len(world.broker.written) == 4


@virtual
async def test_orders_sent_during_the_reading_are_not_taken_for_absent(world: World):
    async with world.desk() as desk:
        world.broker.behaviour.list_seconds = 6
        world.broker.behaviour.takes_orders = False
        first = await desk.place(placement("lost"), ALICE)
        assert first.state is OrderState.UNKNOWN
        await asyncio.sleep(4)
        world.broker.behaviour.takes_orders = True
        world.broker.behaviour.answers = False
        call = asyncio.create_task(desk.place(placement("sent"), ALICE))
        await until(lambda: desk.get("lost", None, ALICE).state is OrderState.ABSENT)
        assert desk.get("sent", None, ALICE).state is OrderState.PENDING_SUBMIT
        await call


@virtual
async def test_orders_made_elsewhere_are_seen_by_operators_only(world: World):
    manual = world.broker.admit(Ticket(0, "", spread()), client_id=0)
    other = world.broker.admit(Ticket(7, "theirs", spread()), client_id=9)
    async with world.desk() as desk:
        assert list(desk.orders(ALICE).items) == []
        seen = {order.perm_id: order.origin for order in desk.orders(OPERATOR).items}
        assert seen == {manual.perm_id: Origin.MANUAL, other.perm_id: Origin.OTHER_CLIENT}
        assert desk.status().halt is None
        for name, perm_id in ((None, manual.perm_id), ("theirs", None)):
            with pytest.raises(MeshError) as caught:
                desk.get(name, perm_id, ALICE)
            assert caught.value.code is grpc.StatusCode.NOT_FOUND
        assert (await refused(desk.cancel("theirs", OPERATOR))).code is grpc.StatusCode.NOT_FOUND
    assert world.broker.cancelled == []


@virtual
async def test_numbers_stay_above_those_of_other_clients_after_a_restart_too(world: World):
    world.broker.admit(Ticket(9000, "theirs", spread()), client_id=9)
    world.broker.admit(Ticket(2**31 - 1, "", spread()), client_id=0)
    async with world.desk():
        pass
    world.broker.orders.clear()
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
    assert [ticket.order_id for ticket in world.broker.written] == [9001]


@virtual
async def test_a_change_of_the_link_that_nobody_tells_is_noticed(world: World):
    """As at the end of the minutes around a restart, which time alone brings about."""
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        world.broker.can_send = False
        await asyncio.sleep(2)
        await desk.cancel("c1", ALICE)
        assert not desk.status().reconciled
        world.broker.can_send = True
        await until(lambda: desk.status().can_place, 4)
        assert desk.get("c1", None, ALICE).state is OrderState.CANCELLED
