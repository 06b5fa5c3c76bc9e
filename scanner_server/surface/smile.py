"""The smile of one expiration: a monotone cubic in log-moneyness, flat beyond its ends."""

import math
from typing import NamedTuple

import numpy as np
from scipy.interpolate import PchipInterpolator

from scanner_server.columns import Flags, Floats, compiled


def smile_points(
    strike: Floats, is_call: Flags, iv: Floats, bid: Floats, forward: float
) -> tuple[Floats, Floats]:
    """Knots x = ln(K/F) and volatilities: puts below the forward, calls above, the mean of both at it.

    Args:
        strike: of the contracts of one expiration and class; shape (k,).
        is_call: shape (k,).
        iv: implied volatility, NaN = none; shape (k,).
        bid: USD per share; shape (k,).
        forward: USD per share.
    """
    usable = (bid > 0) & ~np.isnan(iv)
    at = usable & (strike == forward)
    out = usable & (is_call == (strike > forward)) & (strike != forward)
    x, vol = np.log(strike[out] / forward), iv[out]
    if at.sum() == 2:
        x, vol = np.append(x, 0.0), np.append(vol, iv[at].mean())
    order = np.argsort(x)
    return x[order], vol[order]


def cubic_of(x: Floats, iv: Floats) -> Floats:
    """PCHIP coefficients to the right of each knot, highest power first; shape (k, 4)."""
    cubic = np.zeros((len(x), 4))
    cubic[:, 3] = iv
    if len(x) > 1:
        cubic[:-1] = PchipInterpolator(x, iv).c.T
    return cubic


class Smile(NamedTuple):
    """Knots of all expirations, as in `Surface`."""

    knot_x: Floats
    knot_iv: Floats
    cubic: Floats


@compiled
def smile_iv(x: float, smile: Smile, first: int, end: int) -> float:
    """Volatility at log-moneyness x, from the knots [first, end); NaN where there is none."""
    knots, ivs, cubic = smile.knot_x, smile.knot_iv, smile.cubic
    last = end - 1
    if last < first or math.isnan(x):
        return math.nan
    if x <= knots[first]:
        return float(ivs[first])
    if x >= knots[last]:
        return float(ivs[last])
    low, size = first, last - first
    while size > 1:  # branch-free halving: x differs from spread to spread, which no branch predictor knows
        half = size // 2
        low += half * (knots[low + half] <= x)
        size -= half
    u = x - knots[low]
    return float(((cubic[low, 0] * u + cubic[low, 1]) * u + cubic[low, 2]) * u + cubic[low, 3])
