"""The retry budget bounds retries whatever fails, and never ends a caller by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh.resilience.retry_budget import RetryBudget


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
