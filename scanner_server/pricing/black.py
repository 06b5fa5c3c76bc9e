"""Black's formula on a forward, and the Greeks with spot held and the carry that the forward implies."""

import math
from typing import NamedTuple

from scanner_server.columns import compiled
from scanner_server.pricing.normal import cdf, pdf


class Carry(NamedTuple):
    """What an expiration's options are priced with: USD per share, per year, years."""

    spot: float
    forward: float
    rate: float
    years: float


@compiled
def black(forward: float, strike: float, deviation: float, sign: float) -> float:
    """Undiscounted price of a European option (F. Black, 1976).

    Args:
        forward: USD per share.
        strike: USD per share.
        deviation: volatility x sqrt(T), above 0.
        sign: 1 for a call, -1 for a put.
    """
    d1 = math.log(forward / strike) / deviation + 0.5 * deviation
    return sign * (forward * cdf(sign * d1) - strike * cdf(sign * (d1 - deviation)))


@compiled
def greeks(carry: Carry, strike: float, iv: float, sign: float) -> tuple[float, float, float, float, float]:
    """Delta, gamma, vega (per 0.01), theta (per calendar day) and rho (per 0.01), per share.

    Generalised Black-Scholes-Merton with carry b = ln(F/S)/T; rho moves the rate and keeps the yield r - b.

    Args:
        carry: of the expiration.
        strike: USD per share.
        iv: volatility per year, above 0.
        sign: 1 for a call, -1 for a put.
    """
    spot, forward, rate, years = carry
    root = math.sqrt(years)
    deviation = iv * root
    d1 = math.log(forward / strike) / deviation + 0.5 * deviation
    discount = math.exp(-rate * years)
    drift = math.log(forward / spot) / years
    forward_value = forward * discount
    strike_value = strike * discount
    in_money_share = cdf(sign * d1)
    in_money = cdf(sign * (d1 - deviation))
    density = pdf(d1)
    delta = sign * forward_value / spot * in_money_share
    gamma = forward_value * density / (spot * spot * deviation)
    vega = forward_value * density * root
    decay = -forward_value * density * iv / (2 * root)
    theta = decay - sign * ((drift - rate) * forward_value * in_money_share + rate * strike_value * in_money)
    rho = sign * strike_value * years * in_money
    return delta, gamma, vega / 100, theta / 365, rho / 100
