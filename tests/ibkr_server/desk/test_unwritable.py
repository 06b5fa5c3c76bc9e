"""A journal that can't be written to: nothing new is sent, cancellations are, and no fill is lost."""

import asyncio

import grpc
import pytest

from ibkr_server.journal.errors import JournalError
from ibkr_server.journal.journal import Journal
from ibkr_server.orders.order import OrderState
from mesh.errors import MeshError
from tests.ibkr_server.desk.world import ALICE, OPERATOR, World, placement, until, virtual


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """Full while `full` is set."""
    state = {"full": False}
    append_all = Journal.append_all

    def append(self, entries):
        if state["full"]:
            raise JournalError("the disk is full")
        return append_all(self, entries)

    monkeypatch.setattr(Journal, "append_all", append)
    return state


@virtual
async def test_nothing_is_sent_and_the_halt_outlives_the_trouble(world: World, disk):
    async with world.desk() as desk:
        disk["full"] = True
        with pytest.raises(MeshError) as caught:
            await desk.place(placement(), ALICE)
        assert caught.value.code is grpc.StatusCode.UNAVAILABLE
        assert world.broker.written == []
        assert desk.status().halt is not None
        disk["full"] = False
        with pytest.raises(MeshError, match="halted by alert"):
            await desk.place(placement(), ALICE)
        await until(lambda: desk.status().halt.sequence > 0)
        await desk.resume(desk.status().halt.sequence, "there is space again", OPERATOR)
        assert (await desk.place(placement(), ALICE)).state is OrderState.SUBMITTED


@virtual
async def test_a_cancellation_is_sent_nonetheless(world: World, disk):
    async with world.desk() as desk:
        await desk.place(placement("a"), ALICE)
        await desk.place(placement("b"), ALICE)
        disk["full"] = True
        with pytest.raises(MeshError):
            await desk.cancel("a", ALICE)
        await asyncio.sleep(1)
        assert not world.broker.of("a").is_live
        with pytest.raises(MeshError):
            await desk.halt("test", ALICE, cancel_orders=True)
        await asyncio.sleep(1)
        assert not world.broker.of("b").is_live
        disk["full"] = False
        await until(lambda: desk.status().open_orders == 0)
        assert desk.status().halt is not None


@virtual
async def test_what_was_heard_meanwhile_is_asked_for_again(world: World, disk):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        disk["full"] = True
        world.broker.fill("c1", 2)
        assert desk.get("c1", None, ALICE).filled == 0
        await asyncio.sleep(30)
        disk["full"] = False
        await until(lambda: len(desk.executions(ALICE).items) == 2)
        assert desk.get("c1", None, ALICE).state is OrderState.FILLED
        assert desk.status().halt is not None
