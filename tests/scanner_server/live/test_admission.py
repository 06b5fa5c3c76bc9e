"""Places for scans: never more than there are, none lost, and given in the right order."""

import asyncio
from collections.abc import Iterator
from itertools import count

import grpc
import pytest
from google.rpc.error_details_pb2 import QuotaFailure, RetryInfo
from hypothesis import example, given
from hypothesis import strategies as st

from mesh.errors import MeshError
from scanner_server.live.admission import Admission, Priority

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("arrive"), st.sampled_from(Priority)),
        st.tuples(st.just("leave"), st.integers(0, 9)),
        st.tuples(st.just("give up"), st.integers(0, 9)),
        st.tuples(st.just("leave and give up"), st.integers(0, 9)),
    ),
    max_size=40,
)


class Caller:
    """One that wants a place, and what has become of it."""

    def __init__(self, admission: Admission, priority: Priority, numbers: Iterator[int]) -> None:
        self.priority = priority
        self.number = next(numbers)
        self.holds = False
        self.refused: MeshError | None = None
        self._done = asyncio.Event()
        self.task = asyncio.create_task(self._run(admission))

    def leave(self) -> None:
        self._done.set()

    async def _run(self, admission: Admission) -> None:
        try:
            async with admission.admitted(self.priority):
                self.holds = True
                await self._done.wait()
        except MeshError as error:
            self.refused = error
        finally:
            self.holds = False


async def settle() -> None:
    """Let every task that can go on do so."""
    for _ in range(5):
        await asyncio.sleep(0)


class Model:
    """Who holds a place and who waits, by the rules."""

    def __init__(self, limit: int, most_waiting: int) -> None:
        self.limit, self.most_waiting = limit, most_waiting
        self.holding: list[Caller] = []
        self.waiting: list[Caller] = []

    def arrive(self, caller: Caller) -> bool:
        if len(self.holding) < self.limit:
            self.holding.append(caller)
        elif sum(one.priority is caller.priority for one in self.waiting) < self.most_waiting:
            self.waiting.append(caller)
        else:
            return False
        return True

    def gone(self, caller: Caller) -> None:
        if caller in self.waiting:
            self.waiting.remove(caller)
            return
        self.holding.remove(caller)
        if self.waiting:
            first = min(self.waiting, key=lambda one: (one.priority, one.number))
            self.waiting.remove(first)
            self.holding.append(first)


async def played(limit: int, most_waiting: int, steps: list[tuple[str, int]]) -> None:
    admission, numbers = Admission(limit, dict.fromkeys(Priority, most_waiting)), count()
    model = Model(limit, most_waiting)
    for what, which in steps:
        if what == "arrive":
            caller = Caller(admission, Priority(which), numbers)
            await settle()
            assert (caller.refused is None) == model.arrive(caller)
        if "leave" in what and model.holding:
            leaver = model.holding[which % len(model.holding)]
            leaver.leave()
            model.gone(leaver)
            if what == "leave":
                await settle()
            else:
                await asyncio.sleep(0)  # now the place is on its way to the next in line
        if "give up" in what and (alive := model.waiting + model.holding):
            quitter = alive[which % len(alive)]
            quitter.task.cancel()
            await settle()
            model.gone(quitter)
        await settle()
        assert {one.number for one in model.holding if one.holds} == {one.number for one in model.holding}
        assert not any(one.holds for one in model.waiting)
        assert (admission.running, admission.waiting) == (len(model.holding), len(model.waiting))
    for caller in model.holding + model.waiting:
        caller.task.cancel()
    await asyncio.gather(*(caller.task for caller in model.holding + model.waiting), return_exceptions=True)
    assert (admission.running, admission.waiting) == (0, 0)


@given(st.integers(1, 3), st.integers(0, 3), STEPS)
@example(1, 1, [("arrive", 0), ("arrive", 0), ("leave and give up", 0), ("arrive", 0)])
def test_no_place_is_lost_and_the_next_is_the_right_one(
    limit: int, most_waiting: int, steps: list[tuple[str, int]]
) -> None:
    asyncio.run(played(limit, most_waiting, steps))


async def test_interactive_scans_overtake_those_of_universes() -> None:
    admission, numbers = Admission(1, dict.fromkeys(Priority, 2)), count()
    first = Caller(admission, Priority.UNIVERSE, numbers)
    await settle()
    universe = Caller(admission, Priority.UNIVERSE, numbers)
    await settle()
    interactive = Caller(admission, Priority.INTERACTIVE, numbers)
    await settle()
    first.leave()
    await settle()
    assert (interactive.holds, universe.holds) == (True, False)
    interactive.leave()
    await settle()
    assert universe.holds
    universe.leave()
    await universe.task
    assert admission.running == 0


async def test_beyond_the_queue_it_says_when_to_come_back() -> None:
    admission = Admission(1)
    async with admission.admitted():
        with pytest.raises(MeshError) as raised:
            async with admission.admitted():
                pytest.fail("no place was free")
    assert raised.value.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert {type(item) for item in raised.value.details} == {QuotaFailure, RetryInfo}
    assert (admission.running, admission.refused, admission.wait_seconds.count) == (0, 1, 1)


async def test_an_interactive_scan_does_not_wait_for_ever() -> None:
    admission = Admission(1, {Priority.INTERACTIVE: 1}, longest_wait=0.01)
    async with admission.admitted():
        with pytest.raises(MeshError, match=r"0\.01 s") as raised:
            async with admission.admitted():
                pytest.fail("no place was free")
        assert raised.value.retry_after_seconds
        assert (admission.running, admission.waiting) == (1, 0)
    assert (admission.running, admission.refused) == (0, 1)
