"""Surfaces against the slow reference, and the definitions of time."""

import math
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

from scanner_server.surface.clock import days_to_expiration, years_to
from scanner_server.surface.smile import Smile, cubic_of, smile_iv
from scanner_server.surface.surface import SurfaceSettings
from scanner_server.surface.take import take_surface
from tests.scanner_server.market import Market, random_market, read_extract


def check(market: Market) -> None:
    surface = market.surface
    assert surface.spot == market.quotes.underlying.spot
    for e, expiry in enumerate(market.expiries):
        assert surface.years[e] == pytest.approx(expiry.years, rel=1e-14)
        assert surface.days[e] == pytest.approx(max(365 * expiry.years, 1), rel=1e-14)
        assert surface.forward[e] == pytest.approx(expiry.forward, rel=1e-13)
        assert surface.growth[e] == pytest.approx(expiry.growth, rel=1e-14)
        assert surface.atm_iv[e] == pytest.approx(expiry.atm, abs=1e-9, nan_ok=True)
        knots = slice(surface.knot_start[e], surface.knot_start[e + 1])
        found = list(zip(surface.knot_x[knots], surface.knot_iv[knots], strict=True))
        assert len(found) == len(expiry.points)
        assert np.allclose(found or [(0, 0)], expiry.points or [(0, 0)], rtol=0, atol=1e-9)


def test_a_real_instant() -> None:
    market = read_extract()
    check(market)
    assert market.surface.days_to_expiration.tolist() == [7, 22, 57]
    assert 0.1 < market.surface.atm_iv.min() < market.surface.atm_iv.max() < 0.4


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 100_000))
def test_random_markets(seed: int) -> None:
    check(random_market(seed))


def test_a_forward_without_enough_pairs_is_carried_from_spot() -> None:
    market = random_market(5, expirations=1)
    rows = np.flatnonzero(market.chain.is_call)[2:]
    market.quotes.update(rows, bid=np.zeros(len(rows)))
    market.settings = SurfaceSettings(rate=0.05, dividend_yield=0.02)
    years = market.surface.years[0]
    expected = market.quotes.underlying.spot * math.exp((0.05 - 0.02) * years)
    assert market.surface.forward[0] == pytest.approx(expected, rel=1e-14)


def test_an_expiration_without_quotes_has_no_smile_and_no_volatility() -> None:
    market = random_market(5)
    second = np.flatnonzero(market.chain.expiration == 1)
    market.quotes.update(second, bid=-1, ask=-1)
    surface = take_surface(market.chain, market.quotes, market.now, 9, market.settings)
    assert surface.number == 9
    assert math.isnan(surface.atm_iv[1])
    assert not math.isnan(surface.atm_iv[0])
    assert surface.knot_start[1] == surface.knot_start[2]


@settings(deadline=None)
@given(
    points=st.dictionaries(
        st.integers(-50, 50).map(lambda i: i / 100), st.floats(0.05, 2), min_size=1, max_size=12
    ),
    x=st.floats(-1, 1),
)
def test_smile_is_scipys_pchip_flat_beyond_the_ends(points: dict[float, float], x: float) -> None:
    knots = np.array(sorted(points))
    ivs = np.array([points[k] for k in knots])
    found = smile_iv(x, Smile(knots, ivs, cubic_of(knots, ivs)), 0, len(knots))
    inside = min(max(x, knots[0]), knots[-1])
    expected = float(PchipInterpolator(knots, ivs)(inside)) if len(knots) > 1 else ivs[0]
    assert found == pytest.approx(expected, abs=1e-12)


def new_york(*at: int) -> float:
    return datetime(*at, tzinfo=ZoneInfo("America/New_York")).timestamp()


def test_years_count_elapsed_time_across_the_clock_change() -> None:
    friday, monday = new_york(2025, 3, 7, 16), new_york(2025, 3, 10, 16)
    assert years_to(np.array([monday]), friday)[0] == 71 * 3600 / (365 * 86_400)


def test_years_are_at_least_a_minute() -> None:
    assert years_to(np.array([1000.0, 500.0]), 990.0).tolist() == [60 / (365 * 86_400)] * 2


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (new_york(2015, 12, 24, 9, 30), [0, 1, 8]),
        (new_york(2015, 12, 24, 23, 59), [0, 1, 8]),
        (new_york(2015, 12, 25, 0, 0), [-1, 0, 7]),
    ],
)
def test_days_change_at_midnight_in_new_york(now: float, expected: list[int]) -> None:
    at = np.array([new_york(2015, 12, 24, 13), new_york(2015, 12, 25, 0, 30), new_york(2016, 1, 1, 16)])
    assert days_to_expiration(at, now).tolist() == expected
