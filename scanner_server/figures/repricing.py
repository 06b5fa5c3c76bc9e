"""What a spread over two expirations is worth at the near one, where its far legs are priced again.

A far leg then has the forward F_far(s) = s F_far / F_near, the forward variance that the two expirations
imply, and the discount from the far to the near expiration: in all, a smooth function of the share price s.
"""

import math
from typing import NamedTuple

from scanner_server.columns import Floats, Records, Rows, compiled
from scanner_server.figures.inputs import Inputs
from scanner_server.pricing.normal import cdf, pdf
from scanner_server.surface.smile import smile_iv

Triple = tuple[float, float, float]


class Repriced(NamedTuple):
    """A spread at its near expiration.

    Attributes:
        legs: records of the chain.
        rows: legs by expiration, near first, within one by ascending strike; shape (k,).
        quantities: contracts per leg, negative = sold; shape (k,).
        near: how many legs end at the near expiration.
        carry: F_far / F_near.
        discount: from the far to the near expiration.
        deviations: forward volatility x sqrt(T_far - T_near) of each far leg.
        centers: ln of the share price at which each far leg is at the money.
        is_priced: whether every far leg has a forward variance above 0.
    """

    legs: Records
    rows: Rows
    quantities: Floats
    near: int
    carry: float
    discount: float
    deviations: Triple
    centers: Triple
    is_priced: bool


@compiled
def repriced(inputs: Inputs, rows: Rows, quantities: Floats) -> Repriced:
    """The spread at its near expiration; see `Repriced` for the order of its legs."""
    near = 1
    while inputs.expiry_of[rows[near]] == inputs.expiry_of[rows[0]]:
        near += 1
    of, far = inputs.expiries[inputs.expiry_of[rows[0]]], inputs.expiries[inputs.expiry_of[rows[near]]]
    first, v1 = _center_and_deviation(inputs, rows, near, of, far)
    second, v2 = _center_and_deviation(inputs, rows, min(near + 1, len(rows) - 1), of, far)
    third, v3 = _center_and_deviation(inputs, rows, len(rows) - 1, of, far)
    carry, discount = far.forward / of.forward, of.growth / far.growth
    priced = v1 > 0 and v2 > 0 and v3 > 0
    return Repriced(
        inputs.legs, rows, quantities, near, carry, discount, (v1, v2, v3), (first, second, third), priced
    )


@compiled
def _center_and_deviation(
    inputs: Inputs, rows: Rows, k: int, near: Records, far: Records
) -> tuple[float, float]:
    """ln(K F_near / F_far), and the root of sigma_far^2 T_far - sigma_near^2 T_near: NaN where negative."""
    leg = inputs.legs[rows[k]]
    near_iv = smile_iv(math.log(leg.strike / near.forward), inputs.smile, near.first_knot, near.end_knot)
    total, until = leg.iv * far.root, near_iv * near.root
    return math.log(leg.strike * near.forward / far.forward), math.sqrt(total * total - until * until)


@compiled
def far_value(spread: Repriced, share: float, x: float) -> Triple:
    """Value of the far legs at a share price, its slope and its curvature; x = ln(share)."""
    value = slope = curvature = 0.0
    for k in range(spread.near, len(spread.rows)):
        leg = spread.legs[spread.rows[k]]
        deviation = spread.deviations[k - spread.near]
        size = spread.quantities[k] * spread.discount
        d1 = (x - spread.centers[k - spread.near]) / deviation + 0.5 * deviation
        in_money_share = size * leg.sign * spread.carry * cdf(leg.sign * d1)
        value += share * in_money_share - size * leg.sign * leg.strike * cdf(leg.sign * (d1 - deviation))
        slope += in_money_share
        curvature += size * spread.carry * pdf(d1) / (share * deviation)
    return value, slope, curvature


@compiled
def far_legs_agree(spread: Repriced) -> bool:
    """Whether the far legs are all bought or all sold: then their value is convex, or concave, throughout."""
    for k in range(spread.near + 1, len(spread.rows)):
        if spread.quantities[k] * spread.quantities[spread.near] < 0:
            return False
    return True
