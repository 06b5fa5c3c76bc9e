"""The profit of a spread at a single expiration, and its mean, by root finding and quadrature."""

import math
from itertools import pairwise

from scipy.integrate import quad
from scipy.stats import norm

from tests.scanner_server.reference.expiry import Expiry, Option

NOTHING = 1e-9  # a profit up to this is none


def zeros(profit, kinks: list[float], slope: float) -> list[float]:
    """Points where a piecewise-linear function changes side, from its values at 0 and the kinks."""
    nodes = [0.0, *kinks, kinks[-1] * 2 + 1000]
    if slope != 0:
        nodes[-1] = kinks[-1] + abs(profit(kinks[-1]) / slope) + 1
    found = []
    for a, b in pairwise(nodes):
        at_a, at_b = profit(a), profit(b)
        if (at_a > NOTHING) != (at_b > NOTHING):
            found.append(a - at_a * (b - a) / (at_b - at_a))
    return [share for share in found if share > 0]


def intervals(profit, kinks: list[float], slope: float) -> list[tuple[float, float]]:
    edges = [0.0, *zeros(profit, kinks, slope), math.inf]
    inside = []
    for a, b in pairwise(edges):
        middle = (a + b) / 2 if b < math.inf else 2 * a + 10 * kinks[-1]
        if profit(middle) > NOTHING:
            inside.append((a, b))
    return inside


def expectation(of, expiry: Expiry, deviation: float, cuts: list[float]) -> float:
    """E[of(S_T)], S_T lognormal around the forward, by quadrature between the cuts."""
    zs = sorted(math.log(c / expiry.forward) / deviation + deviation / 2 for c in cuts if c > 0)
    zs = [-12.0, *(z for z in zs if -12 < z < 12), 12.0]

    def integrand(z: float) -> float:
        return of(expiry.forward * math.exp(deviation * z - deviation * deviation / 2)) * norm.pdf(z)

    return sum(quad(integrand, a, b, epsabs=1e-16, epsrel=1e-11, limit=200)[0] for a, b in pairwise(zs))


def breakevens(legs: list[tuple[int, Option]], fill: float) -> list[float]:
    kinks = sorted({o.strike for _, o in legs})

    def profit(share: float) -> float:
        return sum(q * o.payoff(share) for q, o in legs) - fill

    return zeros(profit, kinks, sum(q for q, o in legs if o.call))
