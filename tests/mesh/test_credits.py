"""Credits never exceed their maximum, never get lost to a cancelled waiter, and end with the stream."""

import asyncio

import grpc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mesh.credits import Credits, CreditsClosed
from mesh.errors import MeshError


class CreditsAgainstACount(RuleBasedStateMachine):
    """The same operations on a plain number."""

    def __init__(self) -> None:
        super().__init__()
        self.credits = Credits(maximum=8)
        self.expected = 0

    @rule(n=st.integers(1, 8))
    def grant(self, n):
        if self.expected + n > 8:
            with pytest.raises(MeshError):
                self.credits.grant(n)
        else:
            self.credits.grant(n)
            self.expected += n

    @rule(n=st.integers(max_value=0))
    def grant_nothing(self, n):
        with pytest.raises(MeshError):
            self.credits.grant(n)

    @rule()
    def try_acquire(self):
        assert self.credits.try_acquire() == (self.expected > 0)
        self.expected = max(self.expected - 1, 0)

    @precondition(lambda self: self.expected > 0)
    @rule()
    def acquire(self):
        asyncio.run(self.credits.acquire())
        self.expected -= 1

    @invariant()
    def same(self):
        assert self.credits.available == self.expected


TestCreditsAgainstACount = CreditsAgainstACount.TestCase
TestCreditsAgainstACount.settings = settings(max_examples=50, stateful_step_count=20, deadline=None)


@pytest.mark.parametrize("n", [-1, 0, 5])
def test_a_bad_grant_is_an_invalid_argument_and_changes_nothing(n):
    credits = Credits(maximum=4)
    with pytest.raises(MeshError) as caught:
        credits.grant(n)
    assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert caught.value.details[0].field_violations[0].field == "credits"
    assert credits.available == 0


async def test_a_waiter_gets_the_credit_granted_later():
    credits = Credits(maximum=1)
    waiter = asyncio.create_task(credits.acquire())
    await asyncio.sleep(0)
    assert not waiter.done()
    credits.grant(1)
    await asyncio.wait_for(waiter, 5)
    assert credits.available == 0


@given(cancelled=st.lists(st.booleans(), min_size=1, max_size=8), granted=st.integers(1, 8))
@settings(max_examples=60, deadline=None)
def test_cancelling_waiters_at_the_moment_of_a_grant_loses_no_credit(cancelled, granted):
    async def scenario() -> None:
        credits = Credits(maximum=8)
        waiters = [asyncio.create_task(credits.acquire()) for _ in cancelled]
        await asyncio.sleep(0)
        credits.grant(granted)
        for waiter, cancel in zip(waiters, cancelled, strict=True):
            if cancel:
                waiter.cancel()
        for _ in range(3):
            await asyncio.sleep(0)
        served = sum(waiter.done() and not waiter.cancelled() for waiter in waiters)
        assert served == min(granted, cancelled.count(False))
        assert credits.available == granted - served
        credits.close()
        await asyncio.gather(*waiters, return_exceptions=True)

    asyncio.run(scenario())


async def test_closing_ends_waiters_and_later_callers():
    credits = Credits(maximum=4)
    waiters = [asyncio.create_task(credits.acquire()) for _ in range(3)]
    await asyncio.sleep(0)
    credits.close()
    results = await asyncio.gather(*waiters, return_exceptions=True)
    assert [type(result) for result in results] == [CreditsClosed] * 3
    credits.grant(1)
    assert not credits.try_acquire()
    with pytest.raises(CreditsClosed):
        await credits.acquire()


def test_its_state_shows():
    credits = Credits(maximum=4)
    credits.grant(3)
    assert repr(credits) == "<Credits 3/4>"
    credits.close()
    assert repr(credits) == "<Credits 3/4 closed>"
