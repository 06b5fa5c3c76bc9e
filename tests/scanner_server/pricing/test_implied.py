"""Implied volatility: round trips through Black's formula, an independent library, and the bounds."""

import math

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from vollib.black.implied_volatility import implied_volatility_of_undiscounted_option_price as other

from scanner_server.pricing.black import black
from scanner_server.pricing.implied import implied_volatility

FORWARD = 100.0


def vega(strike: float, iv: float, years: float) -> float:
    deviation = iv * math.sqrt(years)
    d1 = math.log(FORWARD / strike) / deviation + deviation / 2
    return FORWARD * norm.pdf(d1) * math.sqrt(years)


@settings(deadline=None)
@given(
    strike=st.floats(5, 2000),
    iv=st.floats(0.01, 5),
    years=st.floats(2e-6, 3),
    sign=st.sampled_from([1.0, -1.0]),
)
@example(strike=100.0, iv=0.2, years=2e-6, sign=1.0)
@example(strike=100.0, iv=0.01, years=2e-6, sign=-1.0)
def test_gives_back_the_volatility_of_a_price(strike: float, iv: float, years: float, sign: float) -> None:
    in_money = sign * (FORWARD - strike) > 0
    assume(vega(strike, iv, years) >= (1e-6 if in_money else 1e-8) * FORWARD)
    price = black(FORWARD, strike, iv * math.sqrt(years), sign)
    found = implied_volatility(price, FORWARD, strike, years, sign)
    assert abs(found - iv) <= (1e-9 if in_money else 1e-11)


@settings(deadline=None)
@given(strike=st.floats(40, 250), iv=st.floats(0.05, 2), years=st.floats(0.01, 2), call=st.booleans())
def test_agrees_with_vollib(strike: float, iv: float, years: float, call: bool) -> None:
    sign = 1.0 if call else -1.0
    assume(vega(strike, iv, years) >= 1e-4 * FORWARD)
    price = black(FORWARD, strike, iv * math.sqrt(years), sign)
    flag = "c" if call else "p"
    expected = other(price, FORWARD, strike, years, flag)
    assert implied_volatility(price, FORWARD, strike, years, sign) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("price", "strike", "sign"),
    [
        (0.0, 110.0, 1.0),
        (-0.1, 110.0, 1.0),
        (100.0, 110.0, 1.0),
        (120.0, 110.0, 1.0),
        (20.0, 80.0, 1.0),
        (19.0, 80.0, 1.0),
        (10.0, 110.0, -1.0),
        (110.0, 110.0, -1.0),
        (math.nan, 110.0, 1.0),
    ],
)
def test_a_price_on_or_outside_the_bounds_has_none(price: float, strike: float, sign: float) -> None:
    assert math.isnan(implied_volatility(price, FORWARD, strike, 0.5, sign))


def test_a_missing_forward_gives_none() -> None:
    assert math.isnan(implied_volatility(5.0, math.nan, 100.0, 0.5, 1.0))
