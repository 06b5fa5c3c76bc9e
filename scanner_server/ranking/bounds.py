"""The most that any spread out of a combination of boxes can be worth to the ranking.

Each component of the score is at its most at one end of the ranges of its figures: where it rises with the
risk at the highest risk, where it falls at the lowest.
"""

import math
from typing import NamedTuple

from scanner_server.columns import Floats, Ints, compiled
from scanner_server.figures import cheap, costly
from scanner_server.figures.inputs import Inputs
from scanner_server.filters.rules import Rules
from scanner_server.ranking import boxes as leg
from scanner_server.ranking.boxes import Boxes, Shape
from scanner_server.ranking.envelopes import Envelope
from scanner_server.ranking.kernel import weighted
from scanner_server.ranking.ranges import Ranges, fill_others, fill_scored, widths
from scanner_server.score.components import (
    delta_part,
    iv_part,
    probability_part,
    return_part,
    theta_part,
    vega_part,
    width_part,
)

# Bounds hold for real numbers; this is far more than the rounding of any figure or score.
ROUNDING = 1e-9


class Bounding(NamedTuple):
    """What bounds on the spreads of one strategy and expiration stand on.

    Attributes:
        inputs: the market and the terms.
        rules: filters and weights.
        expiration: index into `inputs.expiries`.
        boxes: of the legs.
        shape: of the payoff.
        envelope: of the probability above a price.
        fee: USD per spread.
        only_score: whether no figure but those of the score filters or ranks.
        ranges: room to compute in.
        parts: room for the components.
    """

    inputs: Inputs
    rules: Rules
    expiration: int
    boxes: Boxes
    shape: Shape
    envelope: Envelope
    fee: float
    only_score: bool
    ranges: Ranges
    parts: Floats


@compiled
def bound(by: Bounding, nodes: Ints) -> float:
    """No spread of these boxes, one per leg (shape (legs,)), ranks by more; -inf where none can qualify."""
    fill_scored(by.boxes, nodes, by.shape, by.envelope, by.ranges)
    low, high = by.ranges.low, by.ranges.high
    if not (high[cheap.MAX_PROFIT] > 0 and high[cheap.MAX_LOSS] > 0):
        return -math.inf
    if not by.only_score:
        fill_others(by.boxes, nodes, by.shape, by.inputs, by.expiration, by.fee, by.ranges)
        if not (
            _may_pass(by.rules, by.rules.quoted, low, high)
            and _may_pass(by.rules, by.rules.payoff, low, high)
            and _may_pass(by.rules, by.rules.costly, low, high)
        ):
            return -math.inf
    if by.rules.rank_figure >= 0:
        most = high[by.rules.rank_figure]
        return -math.inf if math.isnan(most) else most + ROUNDING * (1 + abs(most))
    _fill_parts(by, nodes, low, high, by.parts)
    return weighted(by.parts, by.rules.weights) + ROUNDING


@compiled
def _may_pass(rules: Rules, bounded: Ints, low: Floats, high: Floats) -> bool:
    """Whether a figure may lie within the bounds on it, for each of `bounded`."""
    for i in bounded:
        least, most = low[i] - ROUNDING * (1 + abs(low[i])), high[i] + ROUNDING * (1 + abs(high[i]))
        if not (most >= rules.lower[i] and least <= rules.upper[i]):
            return False
    return True


@compiled
def _fill_parts(by: Bounding, nodes: Ints, low: Floats, high: Floats, parts: Floats) -> None:
    """Each component of the score at its most."""
    expiry, spot = by.inputs.expiries[by.expiration], by.inputs.terms.spot
    safest, riskiest = low[cheap.MAX_LOSS], high[cheap.MAX_LOSS]
    fill = low[cheap.FILL_PRICE] if expiry.growth > 1 else high[cheap.FILL_PRICE]
    gain = max(high[cheap.MAX_PROFIT] + fill * (1 - expiry.growth), 0.0)
    theta = high[cheap.THETA]
    narrow, wide = widths(by.boxes, nodes, by.shape)
    best = 0.25 * spot * expiry.deviation
    parts[0] = probability_part(min(high[costly.PROBABILITY_OF_PROFIT], 1.0))
    parts[1] = return_part(gain, safest)
    parts[2] = high[cheap.LIQUIDITY]
    parts[3] = delta_part(_nearest_zero(low[cheap.DELTA], high[cheap.DELTA]), riskiest, spot, expiry.atm_iv)
    parts[4] = theta_part(theta, safest if theta > 0 else riskiest)
    parts[5] = vega_part(_nearest_zero(low[cheap.VEGA], high[cheap.VEGA]), riskiest)
    parts[6] = iv_part(by.ranges.added[1, leg.IV_GAP], expiry.atm_iv)
    parts[7] = width_part(min(max(best, narrow), wide), spot * expiry.deviation)
    parts[8] = expiry.time_decay


@compiled
def _nearest_zero(low: float, high: float) -> float:
    """The value of a range that is nearest to zero; NaN where there is none."""
    if math.isnan(low) or low > 0:
        return low
    return high if high < 0 else 0.0
