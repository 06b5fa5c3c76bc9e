"""The forward of one expiration by put-call parity."""

import math

import numpy as np

from scanner_server.columns import Floats

_NEAREST = 5
_FEWEST = 3


def parity_forward(strike: Floats, call_mid: Floats, put_mid: Floats, spot: float, growth: float) -> float:
    """Median of K + e^(rT)(C - P) over the 5 strikes nearest spot; NaN with fewer than 3 or without spot.

    Args:
        strike: strikes where call and put both have a mid and a bid above 0, ascending; shape (k,).
        call_mid: USD per share; shape (k,).
        put_mid: USD per share; shape (k,).
        spot: USD per share.
        growth: e^(rT).
    """
    if len(strike) < _FEWEST or math.isnan(spot):
        return float("nan")
    nearest = np.argsort(np.abs(strike - spot), kind="stable")[:_NEAREST]
    return float(np.median(strike[nearest] + growth * (call_mid[nearest] - put_mid[nearest])))
