"""Expected values at expiration under a lognormal law with mean F, in closed form per segment."""

import math

import numpy as np

from scanner_server.columns import Floats, Records, Rows, compiled
from scanner_server.figures.inputs import FORECAST, Inputs
from scanner_server.figures.payoff import NOTHING, at_zero
from scanner_server.pricing.black import black
from scanner_server.pricing.normal import cdf


@compiled
def tails(price: float, forward: float, deviation: float) -> tuple[float, float]:
    """Tails of E[S; S > price] / F and of P(S > price); deviation = volatility x sqrt(T)."""
    d2 = math.log(forward / price) / deviation - 0.5 * deviation
    return _tail(d2 + deviation), _tail(d2)


@compiled
def _tail(d: float) -> float:
    """N(d) below 0, N(d) - 1 above: so that a small probability keeps its digits at either end."""
    tail = cdf(-abs(d))
    return tail if d <= 0 else -tail


@compiled
def _between(lower: float, upper: float) -> float:
    """The probability between two prices, from their tails; those of the share price 0 are -0.0."""
    crosses = math.copysign(1.0, lower) < math.copysign(1.0, upper)
    return lower - upper + 1 if crosses else lower - upper


def blank_forecast(contracts: int) -> Records:
    """Records of dtype `FORECAST`, the share's at last, the only one filled; shape (contracts + 1,)."""
    forecast = np.full(contracts + 1, np.nan, FORECAST)
    forecast["share_tail"][-1] = forecast["tail"][-1] = -0.0  # nothing lies below its strike 0
    return forecast


@compiled
def fill_forecast(forecast: Records, legs: Records, rows: Rows, expiry_of: Rows, expiries: Records) -> None:
    """Fill the forecast of the contracts at `rows` (shape (k,)): each serves many spreads."""
    for row in rows:
        leg, of = legs[row], forecast[row]
        expiry = expiries[expiry_of[row]]
        of.share_tail, of.tail = tails(leg.strike, expiry.forward, expiry.forecast)
        of.value = black(expiry.forward, leg.strike, expiry.forecast, leg.sign)


@compiled
def expected_gain(
    inputs: Inputs, rows: Rows, quantities: Floats, cost: float, expiry: Records
) -> tuple[float, float]:
    """E[max(payoff - cost, 0)] and P(payoff > cost); cost is fill_price carried to expiration.

    Walks the segments between strikes: on each the profit is intercept + slope x S, and its expectation
    over [a, b] is intercept x P(a < S < b) + slope x F x the same under the share's own measure.
    """
    legs, forecast = inputs.legs, inputs.forecast
    value, slope = at_zero(legs, rows, quantities)
    value -= cost
    share, share_tail, tail = 0.0, -0.0, -0.0
    gain = probability = 0.0
    for k in range(len(rows) + 1):
        strike, next_share_tail, next_tail = math.inf, 0.0, 0.0
        if k < len(rows):
            strike = legs[rows[k]].strike
            next_share_tail, next_tail = forecast[rows[k]].share_tail, forecast[rows[k]].tail
        following = value + slope * (strike - share) if slope != 0 else value
        if value > NOTHING or following > NOTHING:
            from_share, from_tail, to_share, to_tail = share_tail, tail, next_share_tail, next_tail
            if value < 0 or following < 0:
                crossing = tails(share - value / slope, expiry.forward, expiry.forecast)
                if value < 0:
                    from_share, from_tail = crossing
                else:
                    to_share, to_tail = crossing
            mass = _between(from_tail, to_tail)
            probability += mass
            gain += (value - slope * share) * mass + slope * expiry.forward * _between(from_share, to_share)
        if k < len(rows):
            slope += quantities[k]
        value, share, share_tail, tail = following, strike, next_share_tail, next_tail
    return max(gain, 0.0), probability
