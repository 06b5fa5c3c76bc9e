"""What each rate limit promises, over random arrivals in virtual time."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh.admission.fixed_window import FixedWindow
from mesh.admission.sliding_window import SlidingWindow
from mesh.admission.token_bucket import TokenBucket

# Sixty-fourths of a second: sums of them are exact, so that no bound below needs a tolerance.
TICK = 1 / 64
gaps = st.lists(st.integers(0, 300), min_size=1, max_size=200)
limits = st.integers(1, 8)
periods = st.integers(1, 300).map(lambda ticks: ticks * TICK)


def times(steps: list[int]) -> list[float]:
    now, found = 1000.0, []
    for step in steps:
        now += step * TICK
        found.append(now)
    return found


def admitted(limit, arrivals: list[float]) -> list[float]:
    return [now for now in arrivals if limit.acquire(now) == 0]


@given(gaps, st.sampled_from([0.5, 1.0, 4.0, 16.0]), limits)
def test_a_token_bucket_never_exceeds_burst_and_rate_in_any_window(steps, rate, burst):
    went = admitted(TokenBucket(rate, burst), times(steps))
    for first, start in enumerate(went):
        for last in range(first, len(went)):
            assert last - first + 1 <= burst + rate * (went[last] - start)


@given(gaps, st.sampled_from([0.5, 1.0, 4.0, 16.0]), limits)
def test_a_token_bucket_refuses_only_where_one_more_would_exceed_it(steps, rate, burst):
    bucket, went = TokenBucket(rate, burst), []
    for now in times(steps):
        if bucket.acquire(now) == 0:
            went.append(now)
        else:
            windows = range(len(went))
            assert any(len(went) - first + 1 > burst + rate * (now - went[first]) for first in windows)


@given(gaps, limits, periods)
def test_a_fixed_window_counts_each_period_of_the_clock_for_itself(steps, limit, period):
    arrivals = times(steps)
    went = admitted(FixedWindow(limit, period), arrivals)
    for window in {now // period for now in arrivals}:
        here = [now for now in arrivals if now // period == window]
        assert [now for now in went if now // period == window] == here[:limit]


@given(gaps, limits, periods)
def test_a_sliding_window_is_the_brute_force(steps, limit, period):
    window, went = SlidingWindow(limit, period), []
    for now in times(steps):
        expected = sum(now - period < earlier for earlier in went) < limit
        assert (window.acquire(now) == 0) == expected
        if expected:
            went.append(now)
    for start in went:
        assert sum(start - period < each <= start for each in went) <= limit


MAKERS = [lambda: TokenBucket(2.0, 3), lambda: FixedWindow(3, 2.0), lambda: SlidingWindow(3, 2.0)]


@pytest.mark.parametrize("make", MAKERS)
@given(steps=gaps)
def test_the_wait_is_exact(make, steps):
    limit = make()
    for now in times(steps):
        wait = limit.acquire(now)
        if wait > 0:
            assert limit.acquire(now + wait * 0.999) > 0
            assert limit.acquire(now + wait) == 0
            return


def test_a_fixed_window_lets_twice_its_limit_through_across_a_boundary_and_a_sliding_one_does_not():
    arrivals = [9.9] * 20 + [10.0] * 20
    assert len(admitted(FixedWindow(10, 1.0), arrivals)) == 20
    assert len(admitted(SlidingWindow(10, 1.0), arrivals)) == 10


@pytest.mark.parametrize("make", MAKERS)
def test_a_clock_that_steps_back_admits_no_more(make):
    limit = make()
    while limit.acquire(1000.0) == 0:
        pass
    assert limit.acquire(999.9) > 0
    assert limit.acquire(1000.0) > 0


def test_a_quiet_client_may_burst_no_further_than_the_bucket_holds():
    bucket = TokenBucket(10.0, 5)
    assert len(admitted(bucket, [1e6] * 100)) == 5
    assert len(admitted(bucket, [2e6] * 100)) == 5
    assert math.isclose(bucket.acquire(2e6), 0.1)
