"""Rank, percentile and the volatility thirty days ahead, against independent computations."""

import dataclasses
import math

import numpy as np
import pytest
import QuantLib
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from scanner_server.surface.surface import Surface
from scanner_server.volatility.standing import (
    DAYS_OF_A_YEAR,
    FEWEST_DAYS,
    Standing,
    iv_percentile,
    iv_rank,
    realized_volatility,
    standing,
    thirty_day_volatility,
)

VOLATILITY = st.floats(0.03, 3.0)
PASTS = st.lists(VOLATILITY, min_size=FEWEST_DAYS, max_size=400)


def surface(days: list[float], atm_iv: list[float]) -> Surface:
    """One with nothing but what a standing reads."""
    blank = {item.name: np.empty(0) for item in dataclasses.fields(Surface)}
    numbers = {"number": 1, "market_time": 0.0, "spot": 100.0, "rate": 0.0}
    return Surface(**(blank | numbers | {"years": np.array(days) / 365, "atm_iv": np.array(atm_iv)}))


@given(VOLATILITY, PASTS)
def test_both_are_from_zero_to_one_and_follow_their_definitions(now: float, past: list[float]) -> None:
    found = Standing(iv_rank(now, np.array(past)), iv_percentile(now, np.array(past)))
    assert found.iv_percentile == pytest.approx(stats.percentileofscore(past, now, kind="strict") / 100)
    if max(past) > min(past):
        expected = (now - min(past)) / (max(past) - min(past))
        assert found.iv_rank == pytest.approx(min(max(expected, 0), 1))
    else:
        assert math.isnan(found.iv_rank)


@given(PASTS, VOLATILITY, VOLATILITY)
def test_neither_falls_as_volatility_rises(past: list[float], one: float, other: float) -> None:
    low, high = sorted((one, other))
    values = np.array(past)
    assert iv_percentile(low, values) <= iv_percentile(high, values)
    if max(past) > min(past):
        assert iv_rank(low, values) <= iv_rank(high, values)


@pytest.mark.parametrize(("days", "is_there"), [(0, False), (19, False), (20, True), (252, True)])
def test_fewer_than_twenty_days_tell_nothing(days: int, is_there: bool) -> None:
    found = standing(surface([30], [0.25]), np.linspace(0.1, 0.4, days))
    assert [math.isfinite(figure) for figure in found] == [is_there, is_there]


def test_only_the_last_year_counts() -> None:
    past = np.concatenate([[9.0, 0.01], np.linspace(0.2, 0.3, DAYS_OF_A_YEAR)])
    assert standing(surface([30], [0.25]), past).iv_rank == pytest.approx(0.5)
    assert standing(surface([30], [0.25]), past[::-1]).iv_rank < 0.05


@given(st.dictionaries(st.floats(0.1, 700), VOLATILITY, min_size=1, max_size=8))
def test_thirty_days_ahead_is_what_quantlib_s_variance_curve_says(by_day: dict[float, float]) -> None:
    days = np.array(sorted(by_day))
    vols = np.array([by_day[day] for day in days.tolist()])
    found = thirty_day_volatility(days / 365, vols)
    if days[0] <= 30 <= days[-1] and len(days) > 1:
        curve = QuantLib.LinearInterpolation(list(days / 365), list(vols**2 * days / 365))
        assert found == pytest.approx(math.sqrt(curve(30 / 365) / (30 / 365)))
    else:
        assert found == pytest.approx(vols[0] if days[0] > 30 else vols[-1])


def test_expirations_without_a_volatility_are_passed_over() -> None:
    days, vols = [7, 28, 32, 60], [0.3, math.nan, 0.2, math.nan]
    found = thirty_day_volatility(np.array(days) / 365, np.array(vols))
    assert found == pytest.approx(thirty_day_volatility(np.array([7, 32]) / 365, np.array([0.3, 0.2])))
    assert math.isnan(thirty_day_volatility(np.array([1.0]), np.array([math.nan])))
    nothing = standing(surface([30], [math.nan]), np.linspace(0.1, 0.4, 252))
    assert np.isnan(nothing).all()
    assert np.isnan(Standing()).all()


def test_the_realized_volatility_is_that_of_the_last_day() -> None:
    assert realized_volatility(np.array([0.9, 0.3])) == 0.3
    assert math.isnan(realized_volatility(np.empty(0)))
