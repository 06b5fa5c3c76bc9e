"""The market clock on a hand-wound host clock."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner_server.feed.market_clock import MarketClock


class Host:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def clock(host: Host) -> MarketClock:
    return MarketClock(host)


def test_knows_nothing_at_first(clock: MarketClock) -> None:
    assert math.isnan(clock.now())


def test_runs_at_the_speed_that_two_answers_show(clock: MarketClock, host: Host) -> None:
    clock.answered(1000.0)
    host.now += 1
    assert clock.now() == 1001.0
    clock.answered(1010.0)
    assert clock.speed == 10.0
    host.now += 0.5
    assert clock.now() == pytest.approx(1015.0)


def test_stands_still_with_the_market(clock: MarketClock, host: Host) -> None:
    clock.answered(1000.0)
    host.now += 1
    clock.answered(1000.0)
    host.now += 60
    assert clock.now() == 1000.0


def test_answers_too_close_do_not_set_the_speed(clock: MarketClock, host: Host) -> None:
    clock.answered(1000.0)
    host.now += 0.1
    clock.answered(1000.9)
    assert clock.speed == 1.0


def test_a_late_batch_does_not_set_it_back(clock: MarketClock, host: Host) -> None:
    clock.answered(1000.0)
    host.now += 5
    clock.passed(1002.0)
    assert clock.now() == 1005.0
    clock.passed(1007.0)
    assert clock.now() == 1007.0


def test_waits_where_it_ran_ahead(clock: MarketClock, host: Host) -> None:
    clock.answered(1000.0)
    host.now += 1
    assert clock.now() == 1001.0
    clock.answered(1000.5)
    assert clock.now() == 1001.0


def test_follows_the_market_back_to_another_day(clock: MarketClock, host: Host) -> None:
    clock.answered(1000.0)
    clock.answered(900.0)
    assert clock.now() == 900.0
    assert clock.era == 1


def test_keeps_the_last_time_until_the_next_word(clock: MarketClock) -> None:
    clock.answered(1000.0)
    clock.restart()
    assert clock.now() == 1000.0
    clock.passed(10.0)
    assert clock.now() == 10.0
    assert clock.era == 1


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(-30, 30), st.booleans()), max_size=30))
def test_never_goes_back_within_an_era(steps: list[tuple[float, float, bool]]) -> None:
    host = Host()
    clock = MarketClock(host)
    clock.answered(1000.0)
    before, era = clock.now(), clock.era
    for elapsed, error, is_answer in steps:
        host.now += elapsed
        told = 1000.0 + host.now - 100.0 + error
        clock.answered(told) if is_answer else clock.passed(told)
        now = clock.now()
        assert now >= before or clock.era != era
        before, era = now, clock.era
