"""Against vollib."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from vollib.black_scholes_merton import black_scholes_merton
from vollib.black_scholes_merton.greeks import analytical

from tws_sim.market import black

RATE, SPOT = 0.04, 100.0
SIGNS = st.sampled_from([1.0, -1.0])
STRIKES, YEARS, VOLATILITIES = st.floats(60, 160), st.floats(0.01, 2), st.floats(0.08, 1.2)


def terms(strike: float, years: float, sign: float, yield_: float = 0.01) -> black.Terms:
    forward = SPOT * np.exp((RATE - yield_) * years)
    return black.Terms(*(np.array([value]) for value in (forward, strike, years, sign)), RATE)


@given(STRIKES, YEARS, VOLATILITIES, SIGNS)
def test_prices_and_greeks(strike: float, years: float, volatility: float, sign: float) -> None:
    flag, yield_ = ("c" if sign > 0 else "p"), 0.01
    arguments = (SPOT, strike, years, RATE, volatility, yield_)
    found = black.figures(terms(strike, years, sign, yield_), SPOT, np.array([volatility]))
    assert found.price[0] == pytest.approx(black_scholes_merton(flag, *arguments), abs=1e-9)
    for name in ("delta", "gamma", "vega", "theta"):
        expected = getattr(analytical, name)(flag, *arguments)
        assert getattr(found, name)[0] == pytest.approx(expected, rel=1e-6, abs=1e-9), name


@given(STRIKES, YEARS, VOLATILITIES, SIGNS)
def test_implied_volatility_recovers_the_volatility(
    strike: float, years: float, volatility: float, sign: float
) -> None:
    wanted = terms(strike, years, sign)
    assume(black.figures(wanted, SPOT, np.array([volatility])).vega[0] > 1e-5)
    target = black.price(wanted, np.array([volatility]))
    assert black.implied_volatility(wanted, target)[0] == pytest.approx(volatility, rel=1e-6)


@pytest.mark.parametrize("target", [-1.0, 0.0, 19.0, 99.9])
def test_a_price_outside_of_the_bounds_has_no_volatility(target: float) -> None:
    wanted = terms(80.0, 0.5, 1.0)  # worth at least 21 and at most the discounted forward
    assert np.isnan(black.implied_volatility(wanted, np.array([target]))[0])


def test_an_expired_option_is_worth_its_intrinsic_value() -> None:
    wanted = terms(90.0, 0.0, 1.0)
    found = black.figures(wanted, SPOT, np.array([0.0]))
    assert found.price[0] == pytest.approx(10)
    assert found.delta[0] == pytest.approx(1)
    assert np.isfinite(np.concatenate(found)).all()
