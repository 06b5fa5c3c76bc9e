"""Rank and percentile of an underlying's volatility within its daily history.

Definitions: https://www.tastylive.com/concepts-strategies/implied-volatility-rank. The history is IB's, of
volatility thirty calendar days ahead, so it is compared with the surface's at the same distance.
"""

import math
from typing import NamedTuple

import numpy as np

from scanner_server.columns import Floats
from scanner_server.surface.surface import Surface

DAYS_OF_A_YEAR = 252
FEWEST_DAYS = 20
MATURITY_YEARS = 30 / 365
NO_PAST: Floats = np.empty(0)
STANDING_FIGURES = frozenset({"iv_rank", "iv_percentile"})


class Standing(NamedTuple):
    """Both from 0 to 1; NaN = absent."""

    iv_rank: float = math.nan
    iv_percentile: float = math.nan


def standing(surface: Surface, past: Floats) -> Standing:
    """Where the volatility of a surface stands among the daily values of the past.

    Args:
        surface: the one of now.
        past: volatilities per year of the days before today, oldest first; the last 252 count.
    """
    now = thirty_day_volatility(surface.years, surface.atm_iv)
    past = past[-DAYS_OF_A_YEAR:]
    if len(past) < FEWEST_DAYS or math.isnan(now):
        return Standing()
    return Standing(iv_rank(now, past), iv_percentile(now, past))


def realized_volatility(past: Floats) -> float:
    """The last of the daily values of the past, oldest first; NaN without any."""
    return float(past[-1]) if len(past) else math.nan


def iv_rank(now: float, past: Floats) -> float:
    """(now - low) / (high - low), at most 1 and at least 0; NaN where the past has but one value."""
    low, high = float(past.min()), float(past.max())
    return min(max((now - low) / (high - low), 0.0), 1.0) if high > low else math.nan


def iv_percentile(now: float, past: Floats) -> float:
    """Share of the days on which volatility was lower than now."""
    return float((past < now).mean())


def thirty_day_volatility(years: Floats, atm_iv: Floats) -> float:
    """At-the-money volatility thirty days ahead, per year; NaN without any.

    Total variance (volatility squared times years) is linear between the two expirations around it. Before
    the first expiration and after the last, that one's volatility.

    Args:
        years: to the expirations, rising; shape (m,).
        atm_iv: per year, NaN = none; shape (m,).
    """
    known = ~np.isnan(atm_iv)
    if not known.any():
        return math.nan
    at, variance = years[known], atm_iv[known] ** 2 * years[known]
    target = min(max(MATURITY_YEARS, float(at[0])), float(at[-1]))
    return math.sqrt(float(np.interp(target, at, variance)) / target)
