"""The standard normal law."""

import math

from scanner_server.columns import compiled

_INVERSE_SQRT_2PI = 1 / math.sqrt(2 * math.pi)
_SQRT_HALF = math.sqrt(0.5)


@compiled
def pdf(x: float) -> float:
    """Density at x."""
    return _INVERSE_SQRT_2PI * math.exp(-0.5 * x * x)


@compiled
def cdf(x: float) -> float:
    """Probability below x, with full relative accuracy in the left tail."""
    return 0.5 * math.erfc(-x * _SQRT_HALF)


@compiled
def quantile(p: float) -> float:
    """The x below which the probability is p, to 7 digits: a start for iterations, not a result.

    Algorithm AS 241 (PPND7), M. J. Wichura, Applied Statistics 37 (1988).
    """
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = ((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179
        return q * top / (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1)
    tail = p if q < 0 else 1 - p
    if tail <= 0:
        return math.copysign(math.inf, q)
    r = math.sqrt(-math.log(tail))
    if r <= 5:
        r -= 1.6
        top = ((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777
        x = top / ((0.12021132975 * r + 0.73700164250) * r + 1)
    else:
        r -= 5
        top = ((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150
        x = top / ((0.012258202635 * r + 0.24197894225) * r + 1)
    return math.copysign(x, q)
