"""Probabilities at expiration on the smile, its skew included."""

import math

from scanner_server.columns import Floats, Records, compiled
from scanner_server.pricing.normal import cdf, pdf
from scanner_server.surface.smile import Smile, smile_iv


@compiled
def probability_above(x: float, expiry: Records, smile: Smile) -> float:
    """P(ln(S_T/F) > x) = N(d2) - n(d2) sqrt(T) dIV/dx, cut to [0, 1]; NaN without a smile.

    The derivative of a call spread's price: N(d2) alone would leave out the skew. The slope is taken over
    one deviation of the share, because at a point it follows the noise of single quotes.
    """
    first, end = expiry.first_knot, expiry.end_knot
    iv = smile_iv(x, smile, first, end)
    h = 0.5 * expiry.deviation
    right = smile_iv(x + h, smile, first, end)
    left = smile_iv(x - h, smile, first, end)
    deviation = iv * expiry.root
    d2 = -x / deviation - 0.5 * deviation
    probability = cdf(d2) - pdf(d2) * expiry.root * (right - left) / (2 * h)
    return min(max(probability, 0.0), 1.0) if not math.isnan(probability) else math.nan


@compiled
def profit_region(
    breakevens: Floats, starts_inside: bool, expiry: Records, smile: Smile
) -> tuple[float, float]:
    """Probability of profit, and the distance of the nearest breakeven in deviations of the share.

    The probability is the sum over the profitable intervals of max(0, P(S_T > a) - P(S_T > b)), cut to 1: on
    an odd smile P may rise with the price. Both are NaN without a smile, the distance without a breakeven.

    Args:
        breakevens: ascending; shape (k,).
        starts_inside: whether the profit is above zero before the first.
        expiry: record of the expiration.
        smile: of all expirations.
    """
    if math.isnan(expiry.atm_iv):
        return math.nan, math.nan
    total, above, inside, nearest = 0.0, 1.0, starts_inside, math.inf
    for price in breakevens:
        x = math.log(price / expiry.forward)
        nearest = min(nearest, abs(x))
        following = probability_above(x, expiry, smile)
        if inside:
            total += max(0.0, above - following)
        above = following
        inside = not inside
    distance = nearest / expiry.deviation if len(breakevens) > 0 else math.nan
    return min(total + above if inside else total, 1.0), distance
