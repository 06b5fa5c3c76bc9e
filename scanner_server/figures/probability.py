"""Probabilities at expiration on the smile, its skew included."""

import math

from scanner_server.columns import Floats, Records, compiled
from scanner_server.figures.inputs import Smile
from scanner_server.pricing.normal import cdf, pdf
from scanner_server.surface.smile import smile_iv


@compiled
def probability_above(price: float, expiry: Records, smile: Smile) -> float:
    """P(S_T > price) = N(d2) - n(d2) sqrt(T) dIV/dx, cut to [0, 1]; NaN without a smile.

    The derivative of a call spread's price: N(d2) alone would leave out the skew. The slope is taken over
    one deviation of the share, because at a point it follows the noise of single quotes.
    """
    x = math.log(price / expiry.forward)
    first, end = expiry.first_knot, expiry.end_knot
    iv = smile_iv(x, smile.knot_x, smile.knot_iv, smile.cubic, first, end)
    h = 0.5 * expiry.deviation
    right = smile_iv(x + h, smile.knot_x, smile.knot_iv, smile.cubic, first, end)
    left = smile_iv(x - h, smile.knot_x, smile.knot_iv, smile.cubic, first, end)
    deviation = iv * expiry.root
    d2 = -x / deviation - 0.5 * deviation
    probability = cdf(d2) - pdf(d2) * expiry.root * (right - left) / (2 * h)
    return min(max(probability, 0.0), 1.0) if not math.isnan(probability) else math.nan


@compiled
def probability_of_profit(
    breakevens: Floats, count: int, starts_inside: bool, expiry: Records, smile: Smile
) -> float:
    """Sum over the profitable intervals of max(0, P(S_T > a) - P(S_T > b)); NaN without a smile."""
    if math.isnan(expiry.atm_iv):
        return math.nan
    total, above, inside = 0.0, 1.0, starts_inside
    for k in range(count):
        following = probability_above(breakevens[k], expiry, smile)
        if inside:
            total += max(0.0, above - following)
        above = following
        inside = not inside
    return total + above if inside else total
