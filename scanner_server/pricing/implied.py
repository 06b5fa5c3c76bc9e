"""Implied volatility from an undiscounted price: normalised Black, rational start, Householder steps.

After P. Jäckel, "Let's Be Rational" (Wilmott, 2015): the out-of-the-money price over sqrt(FK) is a function
of x = -|ln(F/K)| and s = volatility x sqrt(T) alone; its range splits at the inflexion point into four
branches, each with a rational cubic start, and at most two third-order steps on a transformed price end it.
"""

import math

import numpy as np

from scanner_server.columns import Flags, Floats, compiled
from scanner_server.pricing.normal import cdf, pdf, quantile

Pair = tuple[float, float]

_SQRT_3 = math.sqrt(3.0)
_SQRT_2PI = math.sqrt(2 * math.pi)
_STEPS = 2
# The error that a step leaves is of the fourth order in its relative size: after one so small, below 1e-12.
_CLOSE = 5e-4


@compiled
def implied_volatility(price: float, forward: float, strike: float, years: float, sign: float) -> float:
    """Volatility per year, or NaN where the price is on or outside the no-arbitrage bounds.

    Args:
        price: undiscounted, USD per share.
        forward: USD per share.
        strike: USD per share.
        years: time to expiration.
        sign: 1 for a call, -1 for a put.
    """
    return implied_deviation(price, forward, strike, sign) / math.sqrt(years)


@compiled
def implied_deviation(price: float, forward: float, strike: float, sign: float) -> float:
    """Volatility x sqrt(T) of an undiscounted price, or NaN as `implied_volatility`."""
    time_value = price - max(sign * (forward - strike), 0.0)
    x = -abs(math.log(forward / strike))
    beta = time_value / math.sqrt(forward * strike)
    most = forward if sign > 0 else strike
    if not (0 < beta < math.exp(0.5 * x) and price < most):
        return math.nan
    return _deviation(beta, x)


def implied_volatilities(
    price: Floats, forward: Floats, strike: Floats, years: Floats, is_call: Flags
) -> Floats:
    """`implied_volatility` of every row; all of shape (n,), NaN prices give NaN."""
    deviation = np.empty_like(price)
    _fill_deviations(price, forward, strike, is_call, deviation)
    return deviation / np.sqrt(years)


@compiled
def _fill_deviations(
    price: Floats, forward: Floats, strike: Floats, is_call: Flags, deviation: Floats
) -> None:
    for i in range(len(price)):
        sign = 1.0 if is_call[i] else -1.0
        deviation[i] = implied_deviation(price[i], forward[i], strike[i], sign)


@compiled
def _normalised(x: float, s: float) -> float:
    """Out-of-the-money price over sqrt(FK); x <= 0."""
    if s <= 0:
        return 0.0
    half = math.exp(0.5 * x)
    return half * cdf(x / s + 0.5 * s) - cdf(x / s - 0.5 * s) / half


@compiled
def _slope(x: float, s: float) -> float:
    """d(normalised price)/ds."""
    h = x / s if s > 0 else 0.0
    return math.exp(-0.5 * (h * h + 0.25 * s * s)) / _SQRT_2PI


@compiled
def _deviation(beta: float, x: float) -> float:
    """The s at which the normalised price is beta; 0 < beta < e^(x/2)."""
    largest = math.exp(0.5 * x)
    s_center = math.sqrt(-2 * x)  # where d1 = 0
    b_center = 0.5 * largest - cdf(-s_center) / largest
    v_center = largest / _SQRT_2PI
    if beta < b_center:
        s_low = s_center - b_center / v_center
        b_low = _normalised(x, s_low)
        if beta < b_low:
            return _polish_low(beta, x, _start_low(beta, x, s_low, b_low))
        v_low = _slope(x, s_low)
        start = _rational_right(beta, (b_low, b_center), (s_low, s_center), (1 / v_low, 1 / v_center), 0.0)
        return _polish_middle(beta, x, start)
    s_high = s_center + (largest - b_center) / v_center
    b_high = _normalised(x, s_high)
    if beta > b_high:
        return _polish_high(beta, x, _start_high(beta, x, s_high, b_high, largest), largest)
    v_high = _slope(x, s_high)
    start = _rational_left(beta, (b_center, b_high), (s_center, s_high), (1 / v_center, 1 / v_high), 0.0)
    if beta > 0.5 * largest:
        return _polish_high(beta, x, start, largest)
    return _polish_middle(beta, x, start)


@compiled
def _start_low(beta: float, x: float, s: float, b: float) -> float:
    """Start below the tangent's foot: interpolates f = 2 pi |x| N(-z)^3 / sqrt(27), z = |x| / (s sqrt 3)."""
    scale = 2 * math.pi * -x / (3 * _SQRT_3)
    z = -x / (_SQRT_3 * s)
    tail = cdf(-z)
    f = scale * tail * tail * tail
    slope = 2 * math.pi * z * z * tail * tail * math.exp(z * z + s * s / 8)
    curve = slope * (2 * z * pdf(z) / (s * tail) - (2 + 2 * z * z) / s + s / 4) / _slope(x, s)
    value = _rational_right(beta, (0.0, b), (0.0, f), (1.0, slope), curve)
    if not 0 < value < scale:  # an extreme price: its own leading order
        value = f * beta / b
    return x / (_SQRT_3 * quantile((value / scale) ** (1 / 3)))


@compiled
def _start_high(beta: float, x: float, s: float, b: float, largest: float) -> float:
    """Start above the tangent's head: interpolates f = N(-s/2)."""
    ratio = x * x / (s * s)
    slope = -0.5 * math.exp(0.5 * ratio)
    curve = -slope * ratio / s / _slope(x, s)
    f = cdf(-0.5 * s)
    value = _rational_left(beta, (b, largest), (f, 0.0), (slope, -0.5), curve)
    if not 0 < value < 0.5:
        value = f * (largest - beta) / (largest - b)
    return -2 * quantile(value)


@compiled
def _polish_low(beta: float, x: float, s: float) -> float:
    log_beta = math.log(beta)
    for _ in range(_STEPS):
        b = _normalised(x, s)
        if b <= 0:
            return s
        log_b = math.log(b)
        u = _slope(x, s) / b
        second, third = _curvatures(x, s)
        newton = (log_beta - log_b) * log_b / (log_beta * u)
        halley = second - u * (1 + 2 / log_b)
        inner = third + 2 * u * u * (1 + 3 / log_b * (1 + 1 / log_b)) - 3 * second * u * (1 + 2 / log_b)
        s = _householder(s, newton, halley, inner)
    return s


@compiled
def _polish_middle(beta: float, x: float, s: float) -> float:
    for _ in range(_STEPS):
        second, third = _curvatures(x, s)
        before, s = s, _householder(s, (beta - _normalised(x, s)) / _slope(x, s), second, third)
        if abs(s - before) < _CLOSE * s:
            return s
    return s


@compiled
def _polish_high(beta: float, x: float, s: float, largest: float) -> float:
    for _ in range(_STEPS):
        left = largest - _normalised(x, s)
        if left <= 0:
            return s
        u = _slope(x, s) / left
        second, third = _curvatures(x, s)
        newton = math.log(left / (largest - beta)) / u
        s = _householder(s, newton, second + u, third + u * (2 * u + 3 * second))
    return s


@compiled
def _curvatures(x: float, s: float) -> tuple[float, float]:
    """Second and third derivative of the normalised price over its first."""
    ratio = x * x / (s * s)
    second = ratio / s - 0.25 * s
    return second, second * second - 3 * ratio / (s * s) - 0.25


@compiled
def _householder(s: float, newton: float, halley: float, inner: float) -> float:
    """One third-order step; half the way to 0 at most."""
    step = newton * (1 + 0.5 * halley * newton) / (1 + newton * (halley + inner * newton / 6))
    return s + max(step, -0.5 * s)


@compiled
def _rational_right(at: float, ends: Pair, values: Pair, slopes: Pair, curve: float) -> float:
    """Rational cubic through both ends that has second derivative `curve` at the right one."""
    h = ends[1] - ends[0]
    gap = slopes[1] - (values[1] - values[0]) / h
    control = (0.5 * h * curve + slopes[1] - slopes[0]) / gap if gap != 0 else 3.0
    return _rational((at - ends[0]) / h, h, values, slopes, control)


@compiled
def _rational_left(at: float, ends: Pair, values: Pair, slopes: Pair, curve: float) -> float:
    """Rational cubic through both ends that has second derivative `curve` at the left one."""
    h = ends[1] - ends[0]
    gap = (values[1] - values[0]) / h - slopes[0]
    control = (0.5 * h * curve + slopes[1] - slopes[0]) / gap if gap != 0 else 3.0
    return _rational((at - ends[0]) / h, h, values, slopes, control)


@compiled
def _rational(t: float, h: float, values: Pair, slopes: Pair, control: float) -> float:
    """R. Delbourgo and J. A. Gregory's rational cubic (SIAM J. Sci. Stat. Comput. 6, 1985)."""
    left, right = values
    r = max(control, -0.99)
    if not r < 1e10:
        return left + (right - left) * t
    w = 1 - t
    top = right * t * t * t + (r * right - h * slopes[1]) * t * t * w
    top += (r * left + h * slopes[0]) * t * w * w + left * w * w * w
    return top / (1 + (r - 3) * t * w)
