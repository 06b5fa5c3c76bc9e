"""Turns are given in order, a few in each round of the loop, and whoever goes away takes none along."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from mesh.turns import Turns


async def rounds_of(turns: Turns, takers: int) -> list[int]:
    """In which round of the event loop each of so many tasks, woken at once, had its turn."""
    loop, now, had = asyncio.get_running_loop(), 0, [-1] * takers

    def tick() -> None:
        nonlocal now
        now += 1
        if -1 in had:
            loop.call_soon(tick)

    async def take(number: int) -> None:
        await turns.take()
        had[number] = now

    tasks = [asyncio.create_task(take(number)) for number in range(takers)]
    loop.call_soon(tick)
    await asyncio.gather(*tasks)
    return had


@given(each_round=st.integers(1, 9), takers=st.integers(1, 40))
@settings(max_examples=60, deadline=None)
def test_each_round_has_its_few_and_they_come_in_order(each_round, takers):
    had = asyncio.run(rounds_of(Turns(each_round), takers))
    assert had == sorted(had)
    assert all(had.count(number) <= each_round for number in had)
    assert had[-1] - had[0] <= -(-takers // each_round)


async def test_nobody_waits_while_few_are_ready():
    turns, rounds = Turns(2), []
    asyncio.get_running_loop().call_soon(rounds.append, "a round has passed")
    await turns.take()
    await turns.take()
    assert not rounds
    await turns.take()
    assert rounds


async def test_one_who_gives_up_takes_no_turn_from_the_others():
    turns = Turns(1)
    tasks = [asyncio.create_task(turns.take()) for _ in range(4)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    async with asyncio.timeout(1):
        await asyncio.gather(*tasks, return_exceptions=True)
    assert [task.cancelled() for task in tasks] == [False, False, True, False]
