"""Black (1976) on a forward: prices, TWS's figures, implied volatility; vectorised."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

Array = npt.NDArray[np.float64]
DAYS_PER_YEAR = 365.0
_SQRT_TWO_PI = np.sqrt(2 * np.pi)
_LOWEST, _HIGHEST = 1e-4, 8.0
_MOST_STEPS = 60
_PRECISION = 1e-10


class Terms(NamedTuple):
    """What is priced; ``sign`` is 1 for calls and -1 for puts, ``rate`` continuous, columns of one shape."""

    forward: Array
    strike: Array
    years: Array
    sign: Array
    rate: float


class Figures(NamedTuple):
    """Columns of an option computation: vega per volatility point, theta per calendar day."""

    price: Array
    delta: Array
    gamma: Array
    vega: Array
    theta: Array


def price(terms: Terms, volatility: Array) -> Array:
    """Discounted price; without time or volatility the forward's intrinsic value."""
    forward, strike, years, sign, rate = terms
    deviation = volatility * np.sqrt(np.maximum(years, 0.0))
    safe = np.where(deviation > 0, deviation, 1.0)
    d1 = np.log(forward / strike) / safe + 0.5 * safe
    value = sign * (forward * ndtr(sign * d1) - strike * ndtr(sign * (d1 - safe)))
    intrinsic = np.maximum(sign * (forward - strike), 0.0)
    discount = np.exp(-rate * np.maximum(years, 0.0))
    return np.asarray(discount * np.where(deviation > 0, np.maximum(value, intrinsic), intrinsic))


def figures(terms: Terms, spot: float | Array, volatility: Array) -> Figures:
    """Price and Greeks with respect to the spot, at carry ``log(forward / spot) / years``."""
    forward, strike, _, sign, rate = terms
    years = np.maximum(terms.years, 1e-9)
    deviation = np.maximum(volatility * np.sqrt(years), 1e-9)
    d1 = np.log(forward / strike) / deviation + 0.5 * deviation
    carried = np.exp(-rate * years) * forward
    density = np.exp(-0.5 * d1 * d1) / _SQRT_TWO_PI
    value = price(terms, volatility)
    delta = sign * carried / spot * ndtr(sign * d1)
    gamma = carried * density / (spot * spot * deviation)
    vega = carried * density * np.sqrt(years)
    carry = np.log(forward / spot) / years
    theta = rate * value - carry * spot * delta - 0.5 * (volatility * spot) ** 2 * gamma
    return Figures(value, np.asarray(delta), gamma, vega / 100.0, theta / DAYS_PER_YEAR)


def implied_volatility(terms: Terms, target: Array) -> Array:
    """Volatility that prices ``target``; NaN outside the no-arbitrage bounds or without time left.

    Newton's steps on the price, kept inside a bracket that shrinks with every step, so that the deep wings
    (where vega vanishes) converge by bisection.
    """
    low, high = np.full(target.shape, _LOWEST), np.full(target.shape, _HIGHEST)
    valid = (terms.years > 0) & (target > price(terms, low)) & (target < price(terms, high))
    volatility = np.full(target.shape, 0.3)
    for _ in range(_MOST_STEPS):
        error = price(terms, volatility) - target
        high = np.where(error > 0, volatility, high)
        low = np.where(error > 0, low, volatility)
        newton = volatility - error / np.maximum(_slope(terms, volatility), 1e-300)
        inside = (newton > low) & (newton < high)
        following = np.where(inside, newton, 0.5 * (low + high))
        settled = np.abs(following - volatility) <= _PRECISION
        volatility = following
        if np.all(settled | ~valid):
            break
    return np.where(valid, volatility, np.nan)


def _slope(terms: Terms, volatility: Array) -> Array:
    root = np.sqrt(np.maximum(terms.years, 1e-12))
    deviation = volatility * root
    d1 = np.log(terms.forward / terms.strike) / deviation + 0.5 * deviation
    carried = np.exp(-terms.rate * terms.years) * terms.forward
    return np.asarray(carried * np.exp(-0.5 * d1 * d1) / _SQRT_TWO_PI * root)
