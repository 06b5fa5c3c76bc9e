"""Boxes of legs: what the legs of a run of strikes contribute to a spread, each figure from least to most.

The contracts that one leg may be, by ascending strike, are halved again and again; every node of that tree, a
box, knows the range of each contribution among its contracts. A spread's figure lies within the sum of the
ranges of its boxes: that is what bounds stand on (`ranges`, `bounds`).
"""

import math
from typing import NamedTuple

import numpy as np

from scanner_server.columns import Floats, Ints, Rows, compiled
from scanner_server.figures.inputs import Inputs

# Contributions that add up over the legs. The first three are to the profit below all strikes, on the plateau
# and above all strikes; LEFT and RIGHT to the prices at which the profit changes sign.
BELOW, BETWEEN, ABOVE, LEFT, RIGHT, FILL, DELTA, VEGA, THETA, IV_GAP = range(10)
# Only filters and ranks need these.
NET_MID, NET_NATURAL, GAMMA, RHO, SOLD_IV, BOUGHT_IV, VALUE = range(10, 17)
# Of these the least counts; and the strike.
LIQUIDITY, STRIKE = range(17, 19)
SCORED, ADDED, CONTRIBUTIONS = 10, 17, 19


class Boxes(NamedTuple):
    """The trees of all legs, each in preorder: the root first, then its lower half.

    Attributes:
        lower: least contribution of a contract of a box, NaN where none has any; shape (legs, nodes, 19).
        upper: the most; likewise.
        start: the first of its contracts in `rows`; shape (legs, nodes).
        size: how many they are; shape (legs, nodes).
        rows: the contracts that each leg may be, by ascending strike; shape (legs, most).
        keys: of these rows; shape (legs, most).
    """

    lower: Floats
    upper: Floats
    start: Ints
    size: Ints
    rows: Rows
    keys: Ints


class Shape(NamedTuple):
    """How a payoff with a plateau changes.

    Attributes:
        first: the leg at whose strike the plateau begins.
        last: the leg at whose strike it ends; may be the same.
        is_level: whether two different legs at either end have one strike.
        slope: 1 where the payoff rises to it, -1 where it falls.
        one_right: whether all legs are calls, or all are puts.
    """

    first: int
    last: int
    is_level: bool
    slope: float
    one_right: bool


def boxes_of(inputs: Inputs, legs: list[Rows], key: Ints, quantities: Floats, shape: Shape) -> Boxes:
    """The trees of the contracts of one expiration.

    Args:
        inputs: the market and the terms.
        legs: for each leg the rows that it may be, by ascending key, at least one.
        key: of every row of the chain; shape (n + 1,).
        quantities: contracts per leg; shape (legs,).
        shape: of the payoff.
    """
    most = max(len(rows) for rows in legs)
    rows = np.full((len(legs), most), -1, np.int32)
    for place, of in enumerate(legs):
        rows[place, : len(of)] = of
    nodes = (len(legs), 2 * most - 1)
    boxes = Boxes(
        np.full((*nodes, CONTRIBUTIONS), np.nan),
        np.full((*nodes, CONTRIBUTIONS), np.nan),
        np.zeros(nodes, np.int64),
        np.zeros(nodes, np.int64),
        rows,
        key[rows],
    )
    for place, of in enumerate(legs):
        _grow(boxes, inputs, place, len(of), quantities, shape)
    return boxes


@compiled
def lower_half(boxes: Boxes, place: int, node: int) -> int:
    """The box of the lower half of the contracts of a box of at least two."""
    return node + 1


@compiled
def upper_half(boxes: Boxes, place: int, node: int) -> int:
    """The box of the others: behind all boxes of the lower half, of which n contracts make 2n - 1."""
    return int(node + 2 * (boxes.size[place, node] // 2))


@compiled
def _grow(boxes: Boxes, inputs: Inputs, place: int, count: int, quantities: Floats, shape: Shape) -> None:
    """Lay out the boxes of one leg from the root on, then fill them from the leaves back."""
    start, size = boxes.start, boxes.size
    size[place, 0] = count
    for node in range(2 * count - 1):
        if size[place, node] > 1:
            low, high = lower_half(boxes, place, node), upper_half(boxes, place, node)
            start[place, low], size[place, low] = start[place, node], size[place, node] // 2
            start[place, high] = start[place, node] + size[place, low]
            size[place, high] = size[place, node] - size[place, low]
    for node in range(2 * count - 2, -1, -1):
        if size[place, node] == 1:
            row = boxes.rows[place, start[place, node]]
            _contribute(inputs, row, place, quantities, shape, boxes.lower[place, node])
            for k in range(CONTRIBUTIONS):
                boxes.upper[place, node, k] = boxes.lower[place, node, k]
        else:
            _unite(boxes, place, node)


@compiled
def _unite(boxes: Boxes, place: int, node: int) -> None:
    low, high = lower_half(boxes, place, node), upper_half(boxes, place, node)
    for k in range(CONTRIBUTIONS):
        a, b = boxes.lower[place, low, k], boxes.lower[place, high, k]
        boxes.lower[place, node, k] = b if math.isnan(a) or b < a else a
        a, b = boxes.upper[place, low, k], boxes.upper[place, high, k]
        boxes.upper[place, node, k] = b if math.isnan(a) or b > a else a


@compiled
def _contribute(inputs: Inputs, row: int, place: int, quantities: Floats, shape: Shape, into: Floats) -> None:
    """What a contract contributes, NaN = absent; without a finite price it is in no candidate."""
    leg, q = inputs.legs[row], quantities[place]
    natural = q * (leg.ask if q > 0 else leg.bid)
    mid = q * leg.mid
    fill = mid + inputs.terms.slippage * (natural - mid)
    into[STRIKE] = leg.strike
    if not math.isfinite(fill):
        return
    below = (q * leg.strike if leg.sign < 0 else 0.0) - fill
    above = (-q * leg.strike if leg.sign > 0 else 0.0) - fill
    between = above if place <= shape.first else below
    if place == shape.first == shape.last:  # half of it ends the rise, half begins the fall
        between = 0.5 * (above + below)
    into[BELOW], into[BETWEEN], into[ABOVE] = below, between, above
    into[LEFT] = (leg.strike if place == shape.first else 0.0) - shape.slope * between
    into[RIGHT] = (leg.strike if place == shape.last else 0.0) + shape.slope * between
    into[FILL], into[NET_MID], into[NET_NATURAL] = fill, mid, natural
    into[DELTA], into[VEGA], into[THETA] = q * leg.delta, q * leg.vega, q * leg.theta
    into[GAMMA], into[RHO] = q * leg.gamma, q * leg.rho
    into[VALUE] = q * inputs.forecast[row].value
    into[LIQUIDITY] = leg.liquidity
    side = 0.0
    for other in quantities:
        side += abs(other) if (other > 0) == (q > 0) else 0.0
    volatility = abs(q) / side * leg.iv
    into[SOLD_IV] = volatility if q < 0 else 0.0
    into[BOUGHT_IV] = volatility if q > 0 else 0.0
    into[IV_GAP] = into[SOLD_IV] - into[BOUGHT_IV]
