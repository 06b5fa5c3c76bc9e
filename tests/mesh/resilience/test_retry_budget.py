"""The retry budget bounds retries whatever fails, and never ends a caller by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh.errors import MeshError, unavailable
from mesh.resilience.retry_budget import RetryBudget
from mesh.retry import read_retry


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3), st.integers(0, 3)), max_size=100))
def test_retries_stay_within_reserve_share_and_trickle(steps):
    budget, now, firsts, made = RetryBudget(share=0.25, per_second=2.0, most=4.0), 100.0, 0, []
    for gap, calls, retries in steps:
        now += gap / 8
        for _ in range(calls):
            budget.deposit()
        firsts += calls
        for _ in range(retries):
            made.append(now + budget.wait(now))
            budget.withdraw(now)
    for count, at in enumerate(sorted(made), 1):
        assert count <= 4 + 0.25 * firsts + 2 * (at - 100) + 1e-9
    assert budget.retries == len(made)


def test_an_empty_budget_hands_out_turns():
    budget = RetryBudget(share=0.5, per_second=10.0, most=2.0)
    waits = []
    for _ in range(5):
        waits.append(budget.wait(0.0))
        budget.withdraw(0.0)
    assert waits == pytest.approx([0.0, 0.0, 0.1, 0.2, 0.3])
    assert repr(budget) == "<RetryBudget -3.0/2 retries=5 delayed=3>"


def test_first_attempts_pay_for_retries_and_quiet_does_not_pile_up():
    budget = RetryBudget(share=0.5, per_second=1.0, most=2.0)
    budget.withdraw(0.0)
    budget.withdraw(0.0)
    assert budget.wait(0.0) == 1.0
    budget.deposit()
    budget.deposit()
    assert budget.wait(0.0) == 0.0
    for _ in range(100):
        budget.deposit()
    assert budget.wait(1e6) == 0.0
    assert repr(budget) == "<RetryBudget 2.0/2 retries=2 delayed=0>"


def test_looking_at_the_wait_takes_nothing():
    budget = RetryBudget(share=0.0, per_second=1.0, most=1.0)
    assert [budget.wait(0.0) for _ in range(5)] == [0.0] * 5


class Clock:
    """Time that passes only while someone waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


async def failing() -> None:
    raise unavailable("away", 0.0)


async def test_reads_that_share_a_budget_retry_only_so_much_together():
    clock, budget, tried = Clock(), RetryBudget(share=0.1, per_second=0.5, most=3.0), []

    async def read() -> None:
        tried.append(clock.now)
        await failing()

    for _ in range(50):
        with pytest.raises(MeshError, match="away"):
            await read_retry(1.0, budget=budget, clock=clock, sleep=clock.sleep)(read)
    retries = len(tried) - 50
    assert retries == budget.retries
    assert 0 < retries <= 3 + 0.1 * 50 + 0.5 * (clock.now - 1000)
    assert retries < 50


async def test_a_lone_reader_goes_on_at_the_pace_of_the_budget_until_its_deadline():
    clock, budget = Clock(), RetryBudget(share=0.0, per_second=0.1, most=1.0)
    with pytest.raises(MeshError, match="away"):
        await read_retry(100.0, budget=budget, clock=clock, sleep=clock.sleep)(failing)
    assert budget.retries == 10
    assert 1090 <= clock.now < 1100


async def test_a_retry_that_is_not_made_costs_nothing():
    clock, budget = Clock(), RetryBudget()
    with pytest.raises(MeshError, match="away"):
        await read_retry(0.01, budget=budget, clock=clock, sleep=clock.sleep)(failing)
    assert budget.retries == 0


async def test_a_read_pays_for_its_own_retries_with_its_share():
    clock, budget = Clock(), RetryBudget(share=1.0, per_second=0.001, most=1.0)
    budget.withdraw(clock())
    with pytest.raises(MeshError, match="away"):
        await read_retry(1.0, budget=budget, clock=clock, sleep=clock.sleep)(failing)
    assert (budget.retries, budget.delayed) == (2, 0)
