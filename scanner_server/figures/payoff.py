"""The piecewise-linear payoff at a single expiration: its extremes and where it is profitable."""

import math

from scanner_server.columns import Floats, Records, Rows, compiled

# A walk over n strikes crosses zero at most n + 1 times.
MOST_BREAKEVENS = 5
# USD per share. A profit up to this is none: prices in cents make some ends exactly zero, but for rounding.
NOTHING = 1e-9


@compiled
def at_zero(legs: Records, rows: Rows, quantities: Floats) -> tuple[float, float]:
    """Payoff and its slope where the share is worth nothing: only puts pay."""
    value = slope = 0.0
    for k in range(len(rows)):
        leg = legs[rows[k]]
        if leg.sign < 0:
            value += quantities[k] * leg.strike
            slope -= quantities[k]
    return value, slope


@compiled
def extremes(legs: Records, rows: Rows, quantities: Floats) -> tuple[float, float]:
    """Lowest and highest payoff over all share prices; infinite where the last slope is not flat.

    Args:
        legs: records of the chain.
        rows: legs by ascending strike; shape (k,).
        quantities: contracts per leg, negative = sold; shape (k,).
    """
    value, slope = at_zero(legs, rows, quantities)
    lowest = highest = value
    price = 0.0
    for k in range(len(rows)):
        strike = legs[rows[k]].strike
        value += slope * (strike - price)
        slope += quantities[k]
        price = strike
        lowest = min(lowest, value)
        highest = max(highest, value)
    if slope > 0:
        highest = math.inf
    elif slope < 0:
        lowest = -math.inf
    return lowest, highest


@compiled
def breakevens(
    legs: Records, rows: Rows, quantities: Floats, price: float, found: Floats
) -> tuple[int, bool]:
    """Share prices at which payoff - price changes sign, ascending, into `found` of MOST_BREAKEVENS.

    Returns:
        How many, and whether the profit is above zero before the first; it changes side at each.
    """
    value, slope = at_zero(legs, rows, quantities)
    value -= price
    share = 0.0
    count = 0
    inside = starts_inside = value > NOTHING or (value >= -NOTHING and slope > 0)
    for k in range(len(rows) + 1):
        strike = legs[rows[k]].strike if k < len(rows) else math.inf
        following = value + slope * (strike - share) if slope != 0 else value
        if (following > NOTHING) != inside:
            found[count] = share - value / slope
            inside = not inside
            count += 1
        if k < len(rows):
            slope += quantities[k]
        value, share = following, strike
    return count, starts_inside
