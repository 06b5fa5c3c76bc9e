import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibkr_server.gateway.clock import MarketClock

START = 1_450_971_000.0


def told(market_seconds: float) -> float:
    """What a gateway answers: whole seconds, cut off."""
    return float(math.floor(market_seconds))


def polled(speed: float, polls: int, every: float = 1.0, phase: float = 0.37) -> MarketClock:
    clock = MarketClock()
    for poll in range(polls):
        host = poll * every
        clock.observe(told(START + phase + speed * host), host)
    return clock


def test_is_unknown_before_the_gateway_has_told_its_time() -> None:
    assert not MarketClock().known
    assert MarketClock().now(5.0) == 0.0


@given(phase=st.floats(0, 0.99), every=st.floats(0.9, 5.5), polls=st.integers(4, 60))
def test_runs_at_speed_one_at_a_real_gateway(phase: float, every: float, polls: int) -> None:
    clock = polled(1.0, polls, every, phase)
    host = polls * every
    assert clock.speed == 1.0
    assert START + phase + host - 1.0 <= clock.now(host) + 1e-6 <= START + phase + host + 2e-6


@given(speed=st.sampled_from([2.0, 10.0, 60.0]), phase=st.floats(0, 0.99))
def test_finds_the_speed_of_a_replay(speed: float, phase: float) -> None:
    clock = polled(speed, 30, phase=phase)
    assert clock.speed == pytest.approx(speed, abs=1.0 / 28)
    assert clock.now(30.0) == pytest.approx(START + phase + speed * 30.0, abs=2.5)


def test_never_runs_backwards_when_an_answer_lags() -> None:
    clock = polled(1.0, 10)
    before = clock.now(9.5)
    clock.observe(told(START + 8.0), 9.6)
    assert clock.now(9.6) >= before


def test_starts_anew_on_another_market() -> None:
    clock = polled(1.0, 10)
    clock.observe(START - 86_400.0, 11.0)
    assert clock.now(11.0) == START - 86_400.0
