"""From least to most: the figures of all spreads that a combination of boxes holds."""

import math
from typing import NamedTuple

import numpy as np

from scanner_server.columns import Floats, Ints, compiled
from scanner_server.figures import cheap, costly
from scanner_server.figures.inputs import Inputs
from scanner_server.figures.table import FIGURES
from scanner_server.filters.rules import SMALLEST
from scanner_server.ranking import boxes as leg
from scanner_server.ranking.boxes import Boxes, Shape
from scanner_server.ranking.envelopes import Envelope, least_above, most_above

# The figures whose range is known; every other one may be anything.
SCORED = (
    cheap.FILL_PRICE,
    cheap.LIQUIDITY,
    cheap.DELTA,
    cheap.VEGA,
    cheap.THETA,
    cheap.MAX_PROFIT,
    cheap.MAX_LOSS,
    costly.PROBABILITY_OF_PROFIT,
)
KNOWN = frozenset(
    (
        *SCORED,
        cheap.NET_MID,
        cheap.NET_NATURAL,
        cheap.WIDTH,
        cheap.WIDTH_TO_EXPECTED_MOVE,
        cheap.GAMMA,
        cheap.RHO,
        cheap.SOLD_IMPLIED_VOLATILITY,
        cheap.BOUGHT_IMPLIED_VOLATILITY,
        cheap.RETURN_ON_RISK,
        cheap.ANNUALIZED_RETURN_ON_RISK,
        cheap.MAX_PROFIT_CASH,
        cheap.MAX_LOSS_CASH,
        cheap.RETURN_ON_RISK_AFTER_COMMISSION,
        costly.EXPECTED_VALUE,
        costly.MARGIN_EFFICIENCY,
        costly.KELLY_FRACTION,
        costly.EXPECTED_VALUE_CASH,
    )
)


class Ranges(NamedTuple):
    """Room to compute in; NaN where no spread has the figure.

    Attributes:
        added: sums of the contributions from least, row 0, to most, row 1; shape (2, CONTRIBUTIONS).
        low: least of each figure; shape (figures,).
        high: most of each figure; shape (figures,).
    """

    added: Floats
    low: Floats
    high: Floats


def unknown_ranges() -> Ranges:
    """Room in which any figure may be anything."""
    figures = len(FIGURES)
    return Ranges(np.empty((2, leg.CONTRIBUTIONS)), np.full(figures, -math.inf), np.full(figures, math.inf))


@compiled
def add_up(boxes: Boxes, nodes: Ints, begin: int, end: int, to: Ranges) -> None:
    """Sum the contributions from `begin` to before `end` over one box for each leg (shape (legs,))."""
    for k in range(begin, end):
        low = high = 0.0
        for place in range(len(nodes)):
            low += boxes.lower[place, nodes[place], k]
            high += boxes.upper[place, nodes[place], k]
        to.added[0, k] = low
        to.added[1, k] = high


@compiled
def fill_scored(boxes: Boxes, nodes: Ints, shape: Shape, envelope: Envelope, to: Ranges) -> None:
    """Fill the ranges of the figures that scores stand on."""
    add_up(boxes, nodes, 0, leg.SCORED, to)
    low, high, least, most = to.low, to.high, to.added[0], to.added[1]
    low[cheap.FILL_PRICE], high[cheap.FILL_PRICE] = least[leg.FILL], most[leg.FILL]
    low[cheap.DELTA], high[cheap.DELTA] = least[leg.DELTA], most[leg.DELTA]
    low[cheap.VEGA], high[cheap.VEGA] = least[leg.VEGA], most[leg.VEGA]
    low[cheap.THETA], high[cheap.THETA] = least[leg.THETA], most[leg.THETA]
    low[cheap.MAX_PROFIT] = max(least[leg.BELOW], least[leg.BETWEEN], least[leg.ABOVE])
    high[cheap.MAX_PROFIT] = max(most[leg.BELOW], most[leg.BETWEEN], most[leg.ABOVE])
    low[cheap.MAX_LOSS] = max(-min(most[leg.BELOW], most[leg.BETWEEN], most[leg.ABOVE]), 0.5 * SMALLEST)
    high[cheap.MAX_LOSS] = -min(least[leg.BELOW], least[leg.BETWEEN], least[leg.ABOVE])
    low[costly.PROBABILITY_OF_PROFIT] = 0.0
    high[costly.PROBABILITY_OF_PROFIT] = _most_probable(to, shape, envelope)
    low[cheap.LIQUIDITY] = high[cheap.LIQUIDITY] = 1.0
    for place in range(len(nodes)):
        node = nodes[place]
        low[cheap.LIQUIDITY] = min(low[cheap.LIQUIDITY], boxes.lower[place, node, leg.LIQUIDITY])
        high[cheap.LIQUIDITY] = min(high[cheap.LIQUIDITY], boxes.upper[place, node, leg.LIQUIDITY])


@compiled
def _most_probable(to: Ranges, shape: Shape, envelope: Envelope) -> float:
    """Most that the probability of profit can be.

    On the plateau: above the left breakeven, or above 0 where there may be none, less above the right one.
    Off the plateau: below the left one and above the right one, on an odd smile more than 1 together.
    """
    least, most = to.added[0], to.added[1]
    if shape.slope > 0:
        left = 1.0 if most[leg.BELOW] > -SMALLEST else most_above(least[leg.LEFT], envelope)
        right = 0.0 if most[leg.ABOVE] > -SMALLEST else least_above(most[leg.RIGHT], envelope)
        return max(left - right, 0.0)
    left = least_above(most[leg.LEFT], envelope)
    return 1.0 - left + most_above(least[leg.RIGHT], envelope)


@compiled
def widths(boxes: Boxes, nodes: Ints, shape: Shape) -> tuple[float, float]:
    """Least and most of the wider of the two slopes' widths."""
    first, last, end = shape.first, shape.last, len(nodes) - 1
    low = max(_gap(boxes, nodes, 0, first)[0], _gap(boxes, nodes, last, end)[0])
    high = max(_gap(boxes, nodes, 0, first)[1], _gap(boxes, nodes, last, end)[1])
    return low, high


@compiled
def _gap(boxes: Boxes, nodes: Ints, lower: int, upper: int) -> tuple[float, float]:
    """Least and most distance between the strikes of two legs."""
    low = boxes.lower[upper, nodes[upper], leg.STRIKE] - boxes.upper[lower, nodes[lower], leg.STRIKE]
    high = boxes.upper[upper, nodes[upper], leg.STRIKE] - boxes.lower[lower, nodes[lower], leg.STRIKE]
    return max(low, 0.0), high


@compiled
def fill_others(
    boxes: Boxes, nodes: Ints, shape: Shape, inputs: Inputs, expiration: int, fee: float, to: Ranges
) -> None:
    """Fill the ranges of the other figures that are known, after `fill_scored`."""
    add_up(boxes, nodes, leg.SCORED, leg.ADDED, to)
    low, high, least, most = to.low, to.high, to.added[0], to.added[1]
    low[cheap.NET_MID], high[cheap.NET_MID] = least[leg.NET_MID], most[leg.NET_MID]
    low[cheap.NET_NATURAL], high[cheap.NET_NATURAL] = least[leg.NET_NATURAL], most[leg.NET_NATURAL]
    low[cheap.GAMMA], high[cheap.GAMMA] = least[leg.GAMMA], most[leg.GAMMA]
    low[cheap.RHO], high[cheap.RHO] = least[leg.RHO], most[leg.RHO]
    sold, bought = cheap.SOLD_IMPLIED_VOLATILITY, cheap.BOUGHT_IMPLIED_VOLATILITY
    low[sold], high[sold] = least[leg.SOLD_IV], most[leg.SOLD_IV]
    low[bought], high[bought] = least[leg.BOUGHT_IV], most[leg.BOUGHT_IV]
    expiry, multiplier = inputs.expiries[expiration], inputs.terms.multiplier
    span = _gap(boxes, nodes, 0, len(nodes) - 1) if shape.one_right else widths(boxes, nodes, shape)
    low[cheap.WIDTH], high[cheap.WIDTH] = span
    move = inputs.terms.spot * expiry.deviation
    low[cheap.WIDTH_TO_EXPECTED_MOVE], high[cheap.WIDTH_TO_EXPECTED_MOVE] = span[0] / move, span[1] / move
    _fill_returns(expiry.days, multiplier, fee, low, high)
    growth, value = expiry.growth, costly.EXPECTED_VALUE
    low[value] = least[leg.VALUE] - growth * most[leg.FILL]
    high[value] = most[leg.VALUE] - growth * least[leg.FILL]
    low[costly.EXPECTED_VALUE_CASH] = low[value] * multiplier - fee
    high[costly.EXPECTED_VALUE_CASH] = high[value] * multiplier - fee
    _fill_quotient(costly.MARGIN_EFFICIENCY, value, cheap.MAX_LOSS, low, high)
    _fill_quotient(costly.KELLY_FRACTION, value, cheap.MAX_PROFIT, low, high)
    low[costly.KELLY_FRACTION] = min(max(low[costly.KELLY_FRACTION], 0.0), 1.0)
    high[costly.KELLY_FRACTION] = min(max(high[costly.KELLY_FRACTION], 0.0), 1.0)


@compiled
def _fill_returns(days: float, multiplier: float, fee: float, low: Floats, high: Floats) -> None:
    low[cheap.MAX_PROFIT_CASH] = low[cheap.MAX_PROFIT] * multiplier - fee
    high[cheap.MAX_PROFIT_CASH] = high[cheap.MAX_PROFIT] * multiplier - fee
    low[cheap.MAX_LOSS_CASH] = low[cheap.MAX_LOSS] * multiplier + fee
    high[cheap.MAX_LOSS_CASH] = high[cheap.MAX_LOSS] * multiplier + fee
    _fill_quotient(cheap.RETURN_ON_RISK, cheap.MAX_PROFIT, cheap.MAX_LOSS, low, high)
    after = cheap.RETURN_ON_RISK_AFTER_COMMISSION
    _fill_quotient(after, cheap.MAX_PROFIT_CASH, cheap.MAX_LOSS_CASH, low, high)
    low[cheap.ANNUALIZED_RETURN_ON_RISK] = low[cheap.RETURN_ON_RISK] * 365 / days
    high[cheap.ANNUALIZED_RETURN_ON_RISK] = high[cheap.RETURN_ON_RISK] * 365 / days


@compiled
def _fill_quotient(to: int, of: int, by: int, low: Floats, high: Floats) -> None:
    """The range of one figure over another that is above zero in every candidate that counts."""
    least, most = max(low[by], 0.5 * SMALLEST), max(high[by], 0.5 * SMALLEST)
    low[to] = low[of] / (most if low[of] >= 0 else least)
    high[to] = high[of] / (least if high[of] >= 0 else most)
