"""The value of a spread at its near expiration, piece by piece: between two edges it only rises or falls.

Between near strikes the near legs are a line, and far legs of one sign are convex or concave: such a cell has
one turning point at most, and splits there. Where far legs differ in sign, cells are made so narrow that the
same holds but for ripples far below the tolerance.
"""

import math
from typing import NamedTuple

from scanner_server.columns import Floats, compiled
from scanner_server.figures.payoff import at_zero
from scanner_server.figures.repricing import Repriced, far_legs_agree, far_value

_RELATIVE = 1e-14
_MOST_STEPS = 100
# A far leg bends within so many deviations of its strike, and there cells are this part of a deviation wide.
_BEND = 8.0
_CELL = 0.125


class Piece(NamedTuple):
    """Where the value is monotone: intercept + slope x share from the near legs, and the far legs' value.

    Attributes:
        start: USD per share.
        end: USD per share.
        passed: how many near strikes are at or below start.
        intercept: USD per share.
        slope: of the near legs.
        turns: whether the value turns at its end, so that the cell goes on behind it.
    """

    start: float
    end: float
    passed: int
    intercept: float
    slope: float
    turns: bool


@compiled
def first_piece(spread: Repriced, low: float, high: float) -> Piece:
    """The piece that starts at the share price `low`."""
    near = spread.near
    intercept, slope = at_zero(spread.legs, spread.rows[:near], spread.quantities[:near])
    return next_piece(spread, Piece(low, low, 0, intercept, slope, False), high)


@compiled
def next_piece(spread: Repriced, piece: Piece, high: float) -> Piece:
    """The piece after one that ends below `high`."""
    start, passed, intercept, slope = piece.end, piece.passed, piece.intercept, piece.slope
    edge = high
    while passed < spread.near:
        strike = spread.legs[spread.rows[passed]].strike
        if strike > start:
            edge = min(edge, strike)
            break
        slope += spread.quantities[passed]
        intercept -= spread.quantities[passed] * strike
        passed += 1
    if not far_legs_agree(spread):
        edge = min(edge, _end_of_cell(spread, start))
    cell = Piece(start, edge, passed, intercept, slope, False)
    if piece.turns or (_slope(spread, cell, start) > 0) == (_slope(spread, cell, edge) > 0):
        return cell
    return Piece(start, _solve(spread, cell, 0.0, 1), passed, intercept, slope, True)


@compiled
def _end_of_cell(spread: Repriced, start: float) -> float:
    """Where a cell has to end that starts at `start`, so that no far leg bends much within."""
    x, step = math.log(start), math.inf
    for k in range(len(spread.rows) - spread.near):
        reach = _BEND * spread.deviations[k]
        ahead = spread.centers[k] - reach - x
        if ahead > 0:
            step = min(step, max(ahead, _CELL * spread.deviations[k]))
        elif x < spread.centers[k] + reach:
            step = min(step, _CELL * spread.deviations[k])
    return start * math.exp(step)


@compiled
def _slope(spread: Repriced, piece: Piece, share: float) -> float:
    return piece.slope + far_value(spread, share, math.log(share))[1]


@compiled
def value_at(spread: Repriced, piece: Piece, share: float) -> float:
    """Value of the whole spread at a share price within a piece."""
    return piece.intercept + piece.slope * share + far_value(spread, share, math.log(share))[0]


@compiled
def crossing(spread: Repriced, piece: Piece, level: float) -> float:
    """The share price within a piece at which the value is `level`; its ends are on either side of it."""
    return _solve(spread, piece, level, 0)


@compiled
def _solve(spread: Repriced, piece: Piece, level: float, order: int) -> float:
    """Where the value (order 0) or its slope (order 1) crosses a level: Newton's method within a bracket.

    It starts at the end with the steeper slope, halves the bracket where a step would leave it, and stops
    when a step is below 1e-14 of the share price.
    """
    low, high = piece.start, piece.end
    at_low, slope_low = _residual(spread, piece, low, level, order)
    _, slope_high = _residual(spread, piece, high, level, order)
    share = low if abs(slope_low) > abs(slope_high) else high
    for _ in range(_MOST_STEPS):
        residual, slope = _residual(spread, piece, share, level, order)
        if (residual > 0) == (at_low > 0):
            low = share
        else:
            high = share
        before, share = share, share - residual / slope
        if not low < share < high:
            share = 0.5 * (low + high)
        if abs(share - before) <= _RELATIVE * share:
            break
    return share


@compiled
def _residual(spread: Repriced, piece: Piece, share: float, level: float, order: int) -> tuple[float, float]:
    """Value less level and its slope, or the slope less level and its curvature."""
    value, slope, curvature = far_value(spread, share, math.log(share))
    if order == 0:
        return piece.intercept + piece.slope * share + value - level, piece.slope + slope
    return piece.slope + slope - level, curvature


@compiled
def extremes_within(spread: Repriced, low: float, high: float) -> tuple[float, float]:
    """Lowest and highest value over the share prices from `low` to `high`."""
    piece = first_piece(spread, low, high)
    lowest = highest = value_at(spread, piece, low)
    while True:
        value = value_at(spread, piece, piece.end)
        lowest, highest = min(lowest, value), max(highest, value)
        if piece.end >= high:
            return lowest, highest
        piece = next_piece(spread, piece, high)


@compiled
def breakevens_within(
    spread: Repriced, price: float, low: float, high: float, found: Floats
) -> tuple[int, bool]:
    """Share prices from `low` to `high` at which value - price changes sign, ascending, into `found`.

    Returns:
        How many, of which `found` holds as many as it has room for; and whether the profit is above zero
        before the first.
    """
    piece = first_piece(spread, low, high)
    inside = starts_inside = value_at(spread, piece, low) > price
    count = 0
    while True:
        if (value_at(spread, piece, piece.end) > price) != inside:
            if count < len(found):
                found[count] = crossing(spread, piece, price)
            inside = not inside
            count += 1
        if piece.end >= high:
            return count, starts_inside
        piece = next_piece(spread, piece, high)
