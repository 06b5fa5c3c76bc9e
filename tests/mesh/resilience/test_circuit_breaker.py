"""The circuit's states on virtual time, against a model that keeps every outcome."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh.resilience.circuit_breaker import BreakerPolicy, CircuitBreaker, State
from mesh.resilience.failure_window import FailureWindow

POLICY = BreakerPolicy(window_seconds=10, least_calls=4, failure_ratio=0.5, open_seconds=2, probes=2)


def opened(policy: BreakerPolicy = POLICY, now: float = 0.0) -> CircuitBreaker:
    breaker = CircuitBreaker(policy)
    for _ in range(policy.least_calls):
        call(breaker, now, "failed")
    assert breaker.state is State.OPEN
    return breaker


def call(breaker: CircuitBreaker, now: float, outcome: str) -> float:
    wait = breaker.acquire(now)
    if wait == 0:
        settle(breaker, breaker.generation, now, outcome)
    return wait


def settle(breaker: CircuitBreaker, generation: int, now: float, outcome: str) -> None:
    if outcome == "failed":
        breaker.fail(generation, now, "UNAVAILABLE: away")
    elif outcome == "answered":
        breaker.succeed(generation, now)
    else:
        breaker.abandon(generation)


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=200))
def test_the_window_counts_the_last_ten_slots(calls):
    window, now, outcomes = FailureWindow(10.0), 500.0, []
    for gap, failed in calls:
        now += gap / 8
        window.record(failed, now)
        outcomes.append((now, failed))
        here = [bad for at, bad in outcomes if int(now) - int(at) < 10]
        assert (window.calls, window.failures) == (len(here), sum(here))


@given(st.lists(st.tuples(st.integers(0, 16), st.booleans()), max_size=100))
def test_it_opens_at_the_ratio_and_not_before(calls):
    breaker, now, outcomes = CircuitBreaker(POLICY), 500.0, []
    for gap, failed in calls:
        now += gap / 8
        assert breaker.acquire(now) == 0
        settle(breaker, breaker.generation, now, "failed" if failed else "answered")
        outcomes.append((now, failed))
        here = [bad for at, bad in outcomes if int(now) - int(at) < 10]
        trips = failed and len(here) >= 4 and sum(here) >= 0.5 * len(here)
        assert breaker.state is (State.OPEN if trips else State.CLOSED)
        if trips:
            return


def test_open_it_sends_nothing_and_says_for_how_long():
    breaker = opened(now=100.0)
    assert [breaker.acquire(now) for now in (100.0, 101.5, 101.999)] == pytest.approx([2.0, 0.5, 0.001])
    assert breaker.last_failure == "UNAVAILABLE: away"
    assert repr(breaker) == "<CircuitBreaker open, for 2 s, opened 1 times>"


def test_half_open_it_sends_so_many_probes_and_closes_when_they_succeed():
    breaker = opened()
    assert [breaker.acquire(2.0) for _ in range(3)] == [0, 0, 2.0]
    assert repr(breaker) == "<CircuitBreaker half-open, 2 probing, 0/2 succeeded, opened 1 times>"
    breaker.succeed(breaker.generation, 2.1)
    assert breaker.acquire(2.2) > 0
    breaker.succeed(breaker.generation, 2.3)
    assert breaker.state is State.CLOSED
    assert repr(breaker) == "<CircuitBreaker closed, 0/0 failed, opened 1 times>"
    assert [breaker.acquire(2.3) for _ in range(10)] == [0] * 10


def test_one_failed_probe_opens_it_for_as_long_again():
    breaker = opened()
    assert breaker.acquire(2.0) == 0
    breaker.fail(breaker.generation, 3.0, "INTERNAL: ")
    assert breaker.state is State.OPEN
    assert breaker.times_opened == 2
    assert breaker.acquire(3.5) == 1.5
    assert breaker.last_failure == "INTERNAL: "


def test_an_abandoned_probe_makes_room_for_another():
    breaker = opened()
    assert [breaker.acquire(2.0) for _ in range(3)] == [0, 0, 2.0]
    breaker.abandon(breaker.generation)
    assert [breaker.acquire(2.0) for _ in range(2)] == [0, 2.0]


def test_probes_that_are_never_answered_do_not_close_the_door_for_good():
    breaker = opened()
    assert [breaker.acquire(2.0) for _ in range(2)] == [0, 0]
    assert breaker.acquire(11.5) == 0.5
    assert [breaker.acquire(12.0) for _ in range(3)] == [0, 0, 2.0]


@pytest.mark.parametrize("outcome", ["failed", "answered", "abandoned"])
def test_an_outcome_from_before_the_last_change_is_no_news(outcome):
    breaker = CircuitBreaker(POLICY)
    old = breaker.generation
    for _ in range(4):
        call(breaker, 0.0, "failed")
    settle(breaker, old, 1.0, outcome)
    assert (breaker.state, breaker.times_opened) == (State.OPEN, 1)
    assert breaker.acquire(2.0) == 0
    before = repr(breaker)
    settle(breaker, old, 2.0, outcome)
    assert repr(breaker) == before


def test_calls_that_say_nothing_do_not_open_it():
    breaker = CircuitBreaker(POLICY)
    for _ in range(100):
        call(breaker, 0.0, "abandoned")
    assert breaker.state is State.CLOSED


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["failed", "answered", "left"])), max_size=200))
def test_half_open_there_are_never_more_probes_than_allowed_on_their_way(steps):
    breaker, now, running = opened(), 0.0, []
    for gap, outcome in steps:
        now += gap / 8
        if breaker.acquire(now) == 0:
            running.append(breaker.generation)
        if breaker.state is State.HALF_OPEN:
            assert running.count(breaker.generation) <= POLICY.probes
        if outcome != "left" and running:
            settle(breaker, running.pop(0), now, outcome)
