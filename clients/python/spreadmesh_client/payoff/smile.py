"""The smile of one expiration, as the scanner reads it: a monotone cubic, flat beyond its ends."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise


def smile_volatility(x: float, knots: Sequence[float], volatilities: Sequence[float]) -> float | None:
    """Volatility per year at x = ln(strike/forward); None where the smile has no points.

    Piecewise cubic Hermite interpolation (F. N. Fritsch, J. Butland, 1984) with one-sided slopes at the ends,
    as in scipy.interpolate.PchipInterpolator.

    Args:
        x: where.
        knots: ascending.
        volatilities: at the knots.
    """
    if not knots:
        return None
    if x <= knots[0] or x >= knots[-1]:
        return volatilities[0] if x <= knots[0] else volatilities[-1]
    slopes = _slopes(knots, volatilities)
    left = bisect_right(knots, x) - 1
    width = knots[left + 1] - knots[left]
    t = (x - knots[left]) / width
    return (
        (1 + 2 * t) * (1 - t) ** 2 * volatilities[left]
        + t * (1 - t) ** 2 * width * slopes[left]
        + t * t * (3 - 2 * t) * volatilities[left + 1]
        + t * t * (t - 1) * width * slopes[left + 1]
    )


def _slopes(knots: Sequence[float], values: Sequence[float]) -> list[float]:
    """The slope at each of two or more knots."""
    widths = [right - left for left, right in pairwise(knots)]
    rises = [
        (after - before) / width for (before, after), width in zip(pairwise(values), widths, strict=True)
    ]
    if len(rises) == 1:
        return rises * 2
    inner = [_inner(*widths[k : k + 2], *rises[k : k + 2]) for k in range(len(rises) - 1)]
    return [_end(*widths[:2], *rises[:2]), *inner, _end(*widths[:-3:-1], *rises[:-3:-1])]


def _inner(left: float, right: float, rise_left: float, rise_right: float) -> float:
    if rise_left * rise_right <= 0:
        return 0.0
    first, second = 2 * right + left, right + 2 * left
    return (first + second) / (first / rise_left + second / rise_right)


def _end(near: float, far: float, rise_near: float, rise_far: float) -> float:
    slope = ((2 * near + far) * rise_near - near * rise_far) / (near + far)
    if slope * rise_near <= 0:
        return 0.0
    if rise_near * rise_far <= 0 and abs(slope) > 3 * abs(rise_near):
        return 3 * rise_near
    return slope
