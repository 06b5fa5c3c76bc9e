"""Events are numbered, told once, resumable, and only to whom they concern (invariant 12)."""

import asyncio

import grpc
import pytest

from ibkr_server.desk import watch as watching
from ibkr_server.desk.answers import ControlChange, WatchEvent
from ibkr_server.desk.watch import OrderWatch
from ibkr_server.orders.order import Execution, Order
from mesh.errors import MeshError
from tests.ibkr_server.desk.world import ALICE, BOB, OPERATOR, World, placement, spread, virtual


async def drained(watch: OrderWatch) -> list[WatchEvent]:
    """What there is to read now."""
    found = []
    while True:
        try:
            async with asyncio.timeout(0.001):
                found.append(await anext(watch))
        except TimeoutError:
            return found


def is_unbroken(events: list[WatchEvent], begin: int) -> bool:
    numbers = [begin, *(event.sequence for event in events)]
    return numbers == sorted(set(numbers)) and [e.previous_sequence for e in events] == numbers[:-1]


async def trade_a_little(world: World, desk) -> None:
    await desk.place(placement("a", spread(3)), ALICE)
    await desk.place(placement("b"), BOB)
    world.broker.fill("a")
    await desk.cancel("b", BOB)
    await desk.halt("test", BOB, cancel_orders=False)


@virtual
async def test_a_snapshot_then_every_event_of_ones_own(world: World):
    async with world.desk() as desk:
        await desk.place(placement("before"), ALICE)
        with desk.watch(ALICE) as watch, desk.watch(OPERATOR) as all_of_it:
            assert watch.snapshot is not None
            assert [order.client_order_id for order in watch.snapshot.orders] == ["before"]
            assert (watch.snapshot.reconciled, watch.snapshot.halted) == (True, False)
            await trade_a_little(world, desk)
            events = await drained(watch)
            assert is_unbroken(events, watch.snapshot.sequence)
            everything = await drained(all_of_it)
    names = {e.change.client_order_id for e in events if not isinstance(e.change, ControlChange)}
    assert names == {"a"}
    assert {type(event.change) for event in events} == {Order, Execution, ControlChange}
    assert [e.change for e in everything if isinstance(e.change, Order)][-1].client_order_id == "b"
    last = [event.change for event in events if isinstance(event.change, Order)][-1]
    assert last.filled == 1


@pytest.mark.parametrize("kept", [10_000, 5])
@virtual
async def test_it_resumes_anywhere_as_if_it_had_not_stopped(world: World, monkeypatch, kept: int):
    """From memory, and from the journal where memory does not reach."""
    monkeypatch.setattr(watching, "KEPT_IN_MEMORY", kept)
    async with world.desk() as desk:
        with desk.watch(ALICE) as watch:
            begin = watch.snapshot.sequence
            await trade_a_little(world, desk)
            events = await drained(watch)
        points = [begin, *(event.sequence for event in events)]
        for position, point in enumerate(points):
            with desk.watch(ALICE, (watch.epoch, point)) as resumed:
                assert resumed.snapshot is None
                assert await drained(resumed) == events[position:]
    async with world.desk() as desk:
        with desk.watch(ALICE, (watch.epoch, begin)) as resumed:
            again = await drained(resumed)
            assert again[: len(events)] == events
            assert is_unbroken(again, begin)


@virtual
async def test_it_can_be_resumed_while_more_happens(world: World, monkeypatch):
    monkeypatch.setattr(watching, "KEPT_IN_MEMORY", 1)
    monkeypatch.setattr(watching, "_READ_AT_ONCE", 1)
    async with world.desk() as desk:
        begin = desk.status().journal_sequence
        await trade_a_little(world, desk)
        with desk.watch(ALICE, (desk.status().journal_epoch, begin)) as resumed:
            events = [await anext(resumed)]
            world.broker.fill("a", 2)
            events += await drained(resumed)
        with desk.watch(ALICE, (desk.status().journal_epoch, begin)) as resumed:
            assert events == await drained(resumed)
        assert is_unbroken(events, begin)


@virtual
async def test_it_can_only_be_resumed_in_the_past_of_this_journal(world: World):
    async with world.desk() as desk:
        status = desk.status()
        for resume in (("other", 0), (status.journal_epoch, status.journal_sequence + 1)):
            with pytest.raises(MeshError) as caught:
                desk.watch(ALICE, resume)
            assert caught.value.code is grpc.StatusCode.OUT_OF_RANGE


@virtual
async def test_a_slow_reader_is_ended_and_resumes(world: World):
    world.settings = world.settings.model_copy(update={"watch_buffer": 4})
    async with world.desk() as desk:
        with desk.watch(ALICE) as slow:
            begin = slow.snapshot.sequence
            await trade_a_little(world, desk)
            events = [await anext(slow) for _ in range(4)]
            with pytest.raises(MeshError) as caught:
                await anext(slow)
            assert caught.value.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        with desk.watch(ALICE, (slow.epoch, events[-1].sequence)) as resumed:
            assert is_unbroken(events + await drained(resumed), begin)


@virtual
async def test_a_reader_that_has_left_is_told_nothing(world: World):
    async with world.desk() as desk:
        with desk.watch(ALICE) as watch:
            pass
        await trade_a_little(world, desk)
        assert await drained(watch) == []
