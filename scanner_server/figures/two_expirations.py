"""The figures of spreads whose legs have two expirations: calendars, diagonals and their doubles.

All stand on the value at the near expiration, where far legs are priced again (`repricing`). Largest profit
and loss, and breakevens, are those between the share prices F e^(-6s) and F e^(6s), s = sigma_atm sqrt(T) of
the near expiration, widened to all strikes. More calls sold than bought is a loss, more bought a profit,
without bound. Every figure is NaN where a far leg has no forward variance above 0.
"""

import math

import numpy as np

from scanner_server.columns import Floats, Rows, compiled
from scanner_server.figures.cheap import FILL_PRICE, fill_profits
from scanner_server.figures.costly import BREAKEVEN_DISTANCE, PROBABILITY_OF_PROFIT, fill_expectations
from scanner_server.figures.inputs import Inputs, near_expiry
from scanner_server.figures.pieces import (
    Piece,
    breakevens_within,
    crossing,
    extremes_within,
    first_piece,
    next_piece,
    value_at,
)
from scanner_server.figures.probability import profit_region
from scanner_server.figures.repricing import Repriced, far_value, repriced
from scanner_server.pricing.black import black
from scanner_server.pricing.normal import pdf

# Between m near strikes lie m + 1 cells that cross zero twice at most; of four legs three may be near.
MOST_CROSSINGS = 8
_DEVIATIONS = 6.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)
# Nodes are closest at the ends of a segment: a far leg that bends sharply gets an end at its strike.
_SHARP = 0.5


@compiled
def two_expiration_figures(inputs: Inputs, rows: Rows, quantities: Floats, f: Floats, found: Floats) -> None:
    """Fill the figures from max_profit to the end, and the breakevens, after `quote_figures`.

    Args:
        inputs: the market and the terms.
        rows: legs of exactly two expirations, near first, within one by ascending strike; shape (2 to 4,).
        quantities: contracts per leg, negative = sold; shape (2 to 4,).
        f: the figures, in the order of `FIGURES`.
        found: breakevens, ascending, NaN beyond the last; shape (MOST_CROSSINGS,).
    """
    two_expiration_profits(inputs, rows, quantities, f)
    two_expiration_probabilities(inputs, rows, quantities, f, found)
    two_expiration_expectations(inputs, rows, quantities, f)


@compiled
def two_expiration_profits(inputs: Inputs, rows: Rows, quantities: Floats, f: Floats) -> None:
    """Fill max_profit, max_loss and their ratios: cheap, and a bound on what the costly figures can be."""
    spread = repriced(inputs, rows, quantities)
    lowest = highest = math.nan
    if spread.is_priced:
        lowest, highest = extremes_within(spread, *_range(inputs, rows))
        calls = 0.0
        for k in range(len(rows)):
            calls += quantities[k] if inputs.legs[rows[k]].sign > 0 else 0.0
        highest = math.inf if calls > 0 else highest
        lowest = -math.inf if calls < 0 else lowest
    fill_profits(highest - f[FILL_PRICE], f[FILL_PRICE] - lowest, inputs, rows, f)


@compiled
def two_expiration_probabilities(
    inputs: Inputs, rows: Rows, quantities: Floats, f: Floats, found: Floats
) -> None:
    """Fill the breakevens, their distance and the probability of profit, after the profits."""
    found[:] = math.nan
    f[PROBABILITY_OF_PROFIT] = f[BREAKEVEN_DISTANCE] = math.nan
    spread = repriced(inputs, rows, quantities)
    if spread.is_priced:
        low, high = _range(inputs, rows)
        count, starts_inside = breakevens_within(spread, f[FILL_PRICE], low, high, found)
        if count <= len(found):
            region = profit_region(found[:count], starts_inside, near_expiry(inputs, rows), inputs.smile)
            f[PROBABILITY_OF_PROFIT], f[BREAKEVEN_DISTANCE] = region


@compiled
def two_expiration_expectations(inputs: Inputs, rows: Rows, quantities: Floats, f: Floats) -> None:
    """Fill the expected values, and what is made of them, after the profits.

    A far leg priced again is a Black price of a lognormal forward: its mean is a Black price too, of both
    variances together. The gain is integrated.
    """
    spread, expiry = repriced(inputs, rows, quantities), near_expiry(inputs, rows)
    cost = expiry.growth * f[FILL_PRICE]
    expected = -cost
    gain = probability = math.nan
    for k in range(len(rows)):
        leg = inputs.legs[rows[k]]
        if k < spread.near:
            expected += quantities[k] * black(expiry.forward, leg.strike, expiry.forecast, leg.sign)
        else:
            deviation = math.hypot(expiry.forecast, spread.deviations[k - spread.near])
            forward = expiry.forward * spread.carry
            expected += quantities[k] * spread.discount * black(forward, leg.strike, deviation, leg.sign)
    if spread.is_priced and expiry.forecast > 0:
        gain, probability = _gain(spread, cost, expiry.forward, expiry.forecast)
    fill_expectations(expected, gain, probability, inputs.terms.multiplier, f)


@compiled
def _range(inputs: Inputs, rows: Rows) -> tuple[float, float]:
    """The share prices between which extremes and breakevens are sought."""
    expiry = near_expiry(inputs, rows)
    reach = math.exp(_DEVIATIONS * expiry.deviation)
    low, high = expiry.forward / reach, expiry.forward * reach
    for row in rows:
        low, high = min(low, inputs.legs[row].strike), max(high, inputs.legs[row].strike)
    return low, high


@compiled
def _gain(spread: Repriced, cost: float, forward: float, deviation: float) -> tuple[float, float]:
    """E[value - cost; value > cost] and P(value > cost), six deviations of the forecast to either side."""
    reach = math.exp(_DEVIATIONS * deviation)
    low, high = forward / reach, forward * reach
    piece = first_piece(spread, low, high)
    before, start = value_at(spread, piece, low), low
    gain = probability = 0.0
    while True:
        after, end = value_at(spread, piece, piece.end), piece.end
        if before <= cost < after:
            start = crossing(spread, piece, cost)
        elif after <= cost < before:
            end = crossing(spread, piece, cost)
        ends = after <= cost or not piece.turns  # a turning point is no reason to end a segment
        while ends and start < end and (before > cost or after > cost):
            stop = _next_bend(spread, start, end, deviation)
            part, mass = _integral(spread, piece, start, stop, cost, forward, deviation)
            gain, probability, start = gain + part, probability + mass, stop
        if piece.end >= high:
            return gain, probability
        if ends:
            start = piece.end
        before = after
        piece = next_piece(spread, piece, high)


@compiled
def _next_bend(spread: Repriced, start: float, end: float, deviation: float) -> float:
    """The first share price in (start, end] at which a far leg bends sharply, else `end`."""
    for k in range(len(spread.rows) - spread.near):
        center = math.exp(spread.centers[k])
        if spread.deviations[k] < _SHARP * deviation and start < center < end:
            end = center
    return end


@compiled
def _integral(
    spread: Repriced, piece: Piece, start: float, end: float, cost: float, forward: float, deviation: float
) -> tuple[float, float]:
    """E[value - cost; start < S < end] and P(start < S < end) by Gauss and Legendre's rule in ln S."""
    left, right = math.log(start), math.log(end)
    half, middle, center = 0.5 * (right - left), 0.5 * (right + left), math.log(forward)
    gain = mass = 0.0
    for i in range(len(_NODES)):
        x = middle + half * _NODES[i]
        share = math.exp(x)
        weight = _WEIGHTS[i] * half * pdf((x - center) / deviation + 0.5 * deviation) / deviation
        value = piece.intercept + piece.slope * share + far_value(spread, share, x)[0]
        gain += weight * (value - cost)
        mass += weight
    return gain, mass
