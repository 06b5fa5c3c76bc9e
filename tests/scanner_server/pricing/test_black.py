"""Prices and Greeks against QuantLib's Black-Scholes-Merton process with the implied carry."""

import math

import pytest
import QuantLib
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri
from scipy.stats import norm

from scanner_server.pricing.black import Carry, black, greeks
from scanner_server.pricing.normal import cdf, pdf, quantile

TODAY = QuantLib.Date(24, 12, 2015)


def option_of(spot: float, forward: float, strike: float, rate: float, days: int, iv: float, call: bool):
    QuantLib.Settings.instance().evaluationDate = TODAY
    count = QuantLib.Actual365Fixed()
    years = days / 365
    dividend = rate - math.log(forward / spot) / years
    process = QuantLib.BlackScholesMertonProcess(
        QuantLib.QuoteHandle(QuantLib.SimpleQuote(spot)),
        QuantLib.YieldTermStructureHandle(QuantLib.FlatForward(TODAY, dividend, count)),
        QuantLib.YieldTermStructureHandle(QuantLib.FlatForward(TODAY, rate, count)),
        QuantLib.BlackVolTermStructureHandle(
            QuantLib.BlackConstantVol(TODAY, QuantLib.NullCalendar(), iv, count)
        ),
    )
    payoff = QuantLib.PlainVanillaPayoff(QuantLib.Option.Call if call else QuantLib.Option.Put, strike)
    option = QuantLib.VanillaOption(payoff, QuantLib.EuropeanExercise(TODAY + days))
    option.setPricingEngine(QuantLib.AnalyticEuropeanEngine(process))
    return option


@settings(deadline=None)
@given(
    spot=st.floats(20, 900),
    carried=st.floats(0.97, 1.04),
    moneyness=st.floats(0.7, 1.4),
    rate=st.floats(0, 0.08),
    days=st.integers(1, 700),
    iv=st.floats(0.08, 1.2),
    call=st.booleans(),
)
def test_agree_with_quantlib(
    spot: float, carried: float, moneyness: float, rate: float, days: int, iv: float, call: bool
) -> None:
    forward, strike, years = spot * carried, spot * moneyness, days / 365
    sign = 1.0 if call else -1.0
    expected = option_of(spot, forward, strike, rate, days, iv, call)
    price = math.exp(-rate * years) * black(forward, strike, iv * math.sqrt(years), sign)
    assert price == pytest.approx(expected.NPV(), abs=1e-9 * spot)
    delta, gamma, vega, theta, rho = greeks(Carry(spot, forward, rate, years), strike, iv, sign)
    assert delta == pytest.approx(expected.delta(), abs=1e-9)
    assert gamma == pytest.approx(expected.gamma(), rel=1e-8, abs=1e-12)
    assert vega == pytest.approx(expected.vega() / 100, rel=1e-8, abs=1e-10)
    assert theta == pytest.approx(expected.theta() / 365, rel=1e-7, abs=1e-8)
    assert rho == pytest.approx(expected.rho() / 100, rel=1e-8, abs=1e-9)


@settings(deadline=None)
@given(st.floats(-35, 8))
def test_normal_law_agrees_with_scipy(x: float) -> None:
    assert cdf(x) == pytest.approx(norm.cdf(x), rel=1e-12)
    assert pdf(x) == pytest.approx(norm.pdf(x), rel=1e-12)


@settings(deadline=None)
@given(st.floats(1e-280, 1 - 1e-12))
def test_quantile_is_a_good_start(p: float) -> None:
    assert quantile(p) == pytest.approx(ndtri(p), rel=2e-6, abs=1e-6)
