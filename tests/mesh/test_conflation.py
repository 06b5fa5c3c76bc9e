"""A dirty set loses no key, keeps the order of first change and counts what it overwrote."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesh.conflation import DirtySet

KEYS = st.integers(0, 9)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("mark"), KEYS),
        st.tuples(st.just("take"), st.integers(0, 12)),
        st.tuples(st.just("discard"), KEYS),
    ),
    max_size=80,
)


@given(steps=STEPS)
def test_it_behaves_like_an_ordered_list_without_repeats(steps):
    dirty, expected, conflated = DirtySet[int](capacity=10), [], 0
    for what, value in steps:
        if what == "mark":
            conflated += value in expected
            expected += [value] if value not in expected else []
            dirty.mark(value)
        elif what == "take":
            assert dirty.take(value) == expected[:value]
            expected = expected[value:]
        else:
            expected = [key for key in expected if key != value]
            dirty.discard(value)
        assert len(dirty) == len(expected)
        assert dirty.conflated == conflated
        assert all(key in dirty for key in expected)


@given(marks=st.lists(KEYS, min_size=1), limit=st.integers(1, 4))
def test_every_mark_is_delivered_or_counted(marks, limit):
    dirty = DirtySet[int](capacity=10)
    dirty.mark_all(marks)
    delivered = 0
    while keys := dirty.take(limit):
        delivered += len(keys)
    assert delivered + dirty.conflated == len(marks)


def test_a_busy_key_cannot_keep_another_waiting():
    dirty = DirtySet[str](capacity=2)
    dirty.mark("busy")
    dirty.mark("quiet")
    assert dirty.take(1) == ["busy"]
    for _ in range(100):
        dirty.mark("busy")
    assert dirty.take(1) == ["quiet"]


def test_more_keys_than_promised_are_an_error():
    dirty = DirtySet[int](capacity=2)
    dirty.mark_all([1, 2, 1])
    with pytest.raises(OverflowError):
        dirty.mark(3)
    assert dirty.take(9) == [1, 2]


async def test_waiting_ends_with_the_first_mark_and_takes_nothing():
    dirty = DirtySet[int](capacity=4)
    waiter = asyncio.create_task(dirty.wait())
    await asyncio.sleep(0)
    assert not waiter.done()
    dirty.mark(7)
    await asyncio.wait_for(waiter, 5)
    await asyncio.wait_for(dirty.wait(), 5)
    assert dirty.take(4) == [7]


async def test_waiting_starts_anew_once_all_is_taken():
    dirty = DirtySet[int](capacity=4)
    dirty.mark(1)
    dirty.take(4)
    waiter = asyncio.create_task(dirty.wait())
    for _ in range(3):
        await asyncio.sleep(0)
    assert not waiter.done()
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter


@given(cancel_first=st.booleans())
@settings(deadline=None)
def test_cancelling_a_waiter_at_the_moment_of_a_mark_loses_nothing(cancel_first):
    async def scenario() -> None:
        dirty = DirtySet[int](capacity=4)
        waiter = asyncio.create_task(dirty.wait())
        await asyncio.sleep(0)
        steps = [waiter.cancel, lambda: dirty.mark(1)]
        for step in steps if cancel_first else reversed(steps):
            step()
        await asyncio.gather(waiter, return_exceptions=True)
        await asyncio.wait_for(dirty.wait(), 5)
        assert dirty.take(4) == [1]

    asyncio.run(scenario())


def test_its_state_shows():
    dirty = DirtySet[int](capacity=4)
    dirty.mark_all([1, 1, 2])
    assert repr(dirty) == "<DirtySet 2/4 conflated=1>"
