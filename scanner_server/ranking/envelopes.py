"""Bounds on the probability above a price: it need not fall as the price rises, where the smile is odd.

The prices between two strikes are cut into cells. In each the formula of `figures.probability` is evaluated
in interval arithmetic (R. E. Moore, Interval Analysis, 1966): the smile is monotone between two knots, so
that the ends of a cell and the knots inside give its range there.
"""

import math
from typing import NamedTuple

import numpy as np

from scanner_server.columns import Floats, Records, compiled
from scanner_server.pricing.normal import cdf, pdf
from scanner_server.surface.smile import Smile, smile_iv

CELLS = 2048
# On each side of a cell and of each value: far more than any rounding.
_MARGIN = 1e-9


class Envelope(NamedTuple):
    """Of one expiration.

    Attributes:
        origin: where the first cell begins, USD per share.
        scale: cells per USD.
        most: no probability above a price in this cell or a later one is higher; shape (CELLS,).
        least: none above a price in this cell or an earlier one is lower; shape (CELLS,).
    """

    origin: float
    scale: float
    most: Floats
    least: Floats


def envelope_of(expiry: Records, smile: Smile, lowest: float, highest: float) -> Envelope:
    """The envelope between two prices, the lowest and the highest strike; NaN without a smile."""
    prices = np.linspace(lowest, highest, CELLS + 1) if highest > lowest else lowest + np.arange(CELLS + 1.0)
    x = np.log(prices / expiry["forward"])
    h = 0.5 * float(expiry["deviation"])
    ranges = np.empty((3, 2, CELLS))
    for shifted, of in zip((x, x - h, x + h), ranges, strict=True):
        _smile_range(shifted, smile, expiry["first_knot"], expiry["end_knot"], of[0], of[1])
    least, most = np.empty(CELLS), np.empty(CELLS)
    _probability_range(x, ranges, expiry, least, most)
    return Envelope(
        float(prices[0]),
        CELLS / float(prices[-1] - prices[0]),
        np.maximum.accumulate(most[::-1])[::-1].copy(),
        np.minimum.accumulate(least),
    )


@compiled
def most_above(price: float, envelope: Envelope) -> float:
    """No probability above this price or a higher one exceeds this."""
    return float(envelope.most[_cell(price - _MARGIN, envelope)])


@compiled
def least_above(price: float, envelope: Envelope) -> float:
    """No probability above this price or a lower one is less."""
    return float(envelope.least[_cell(price + _MARGIN, envelope)])


@compiled
def _cell(price: float, envelope: Envelope) -> int:
    place = (price - envelope.origin) * envelope.scale
    return int(min(max(place, 0.0), len(envelope.most) - 1.0))


@compiled
def _smile_range(x: Floats, smile: Smile, first: int, end: int, least: Floats, most: Floats) -> None:
    """The lowest and highest volatility between each two of ascending x."""
    knot = first
    for cell in range(len(least)):
        start, stop = x[cell] - _MARGIN, x[cell + 1] + _MARGIN
        at_start, at_stop = smile_iv(start, smile, first, end), smile_iv(stop, smile, first, end)
        least[cell], most[cell] = min(at_start, at_stop), max(at_start, at_stop)
        while knot < end and smile.knot_x[knot] < start:
            knot += 1
        inside = knot
        while inside < end and smile.knot_x[inside] <= stop:
            least[cell] = min(least[cell], smile.knot_iv[inside])
            most[cell] = max(most[cell], smile.knot_iv[inside])
            inside += 1
        least[cell] -= _MARGIN
        most[cell] += _MARGIN


@compiled
def _probability_range(x: Floats, ranges: Floats, expiry: Records, least: Floats, most: Floats) -> None:
    """`probability_above` over each cell, operation by operation."""
    root, h = expiry.root, 0.5 * expiry.deviation
    for cell in range(len(least)):
        start, stop = x[cell] - _MARGIN, x[cell + 1] + _MARGIN
        low_deviation = max(ranges[0, 0, cell] * root, 1e-300)
        high_deviation = ranges[0, 1, cell] * root
        low_d2 = min(-stop / low_deviation, -stop / high_deviation) - 0.5 * high_deviation
        high_d2 = max(-start / low_deviation, -start / high_deviation) - 0.5 * low_deviation
        near, far = min(abs(low_d2), abs(high_d2)), max(abs(low_d2), abs(high_d2))
        thin, dense = pdf(far), pdf(0.0 if low_d2 < 0 < high_d2 else near)
        flattest = (ranges[2, 0, cell] - ranges[1, 1, cell]) / (2 * h)
        steepest = (ranges[2, 1, cell] - ranges[1, 0, cell]) / (2 * h)
        smallest = root * flattest * (dense if flattest < 0 else thin)
        largest = root * steepest * (dense if steepest > 0 else thin)
        least[cell] = _cut(cdf(low_d2) - largest - _MARGIN)
        most[cell] = _cut(cdf(high_d2) - smallest + _MARGIN)


@compiled
def _cut(probability: float) -> float:
    return min(max(probability, 0.0), 1.0) if not math.isnan(probability) else math.nan
