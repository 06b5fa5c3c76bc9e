"""Expected values at expiration under a lognormal law with mean F, in closed form per segment."""

import math

from scanner_server.columns import Floats, Records, Rows, compiled
from scanner_server.figures.payoff import at_zero
from scanner_server.pricing.normal import cdf


@compiled
def tails(price: float, forward: float, deviation: float) -> tuple[float, float]:
    """E[S; S > price] / F and P(S > price); deviation = volatility x sqrt(T)."""
    d2 = math.log(forward / price) / deviation - 0.5 * deviation
    return cdf(d2 + deviation), cdf(d2)


@compiled
def forecast_legs(legs: Records, rows: Rows, expiry_of: Rows, expiries: Records) -> None:
    """Fill value, share_tail and tail of the legs at `rows`: each serves many spreads."""
    for row in rows:
        leg = legs[row]
        expiry = expiries[expiry_of[row]]
        share_tail, tail = tails(leg.strike, expiry.forward, expiry.forecast)
        call = expiry.forward * share_tail - leg.strike * tail
        leg.share_tail = share_tail
        leg.tail = tail
        leg.value = call if leg.sign > 0 else call - expiry.forward + leg.strike


@compiled
def expected_gain(
    legs: Records, rows: Rows, quantities: Floats, cost: float, expiry: Records
) -> tuple[float, float]:
    """E[max(payoff - cost, 0)] and P(payoff > cost); cost is fill_price carried to expiration.

    Walks the segments between strikes: on each the profit is intercept + slope x S, and its expectation
    over [a, b] is intercept x (tail(a) - tail(b)) + slope x F x (share_tail(a) - share_tail(b)).
    """
    value, slope = at_zero(legs, rows, quantities)
    value -= cost
    share, share_tail, tail = 0.0, 1.0, 1.0
    gain = probability = 0.0
    for k in range(len(rows) + 1):
        strike, next_share_tail, next_tail = math.inf, 0.0, 0.0
        if k < len(rows):
            leg = legs[rows[k]]
            strike, next_share_tail, next_tail = leg.strike, leg.share_tail, leg.tail
        following = value + slope * (strike - share) if slope != 0 else value
        if value > 0 or following > 0:
            from_share, from_tail, to_share, to_tail = share_tail, tail, next_share_tail, next_tail
            if value < 0 or following < 0:
                crossing = tails(share - value / slope, expiry.forward, expiry.forecast)
                if value < 0:
                    from_share, from_tail = crossing
                else:
                    to_share, to_tail = crossing
            mass = from_tail - to_tail
            probability += mass
            gain += (value - slope * share) * mass + slope * expiry.forward * (from_share - to_share)
        if k < len(rows):
            slope += quantities[k]
        value, share, share_tail, tail = following, strike, next_share_tail, next_tail
    return max(gain, 0.0), probability
