"""The curves of a candidate on the surface of its ranking: today, and at its nearest expiration."""

import math
from collections.abc import Sequence

from spreadmesh.common.v1.contract_pb2 import Right
from spreadmesh.scan.v1.candidate_pb2 import Candidate, Leg
from spreadmesh.scan.v1.ranking_pb2 import Surface, SurfaceExpiration

from spreadmesh_client.payoff.curve import Curve, Term
from spreadmesh_client.payoff.smile import smile_volatility


def today(candidate: Candidate, surface: Surface) -> Curve | None:
    """Each leg by its own volatility, with forwards that move in proportion to the share.

    None where a leg has no volatility.
    """
    expirations = {each.expiration: each for each in surface.expirations}
    terms = [
        Term(size, 0.0, 1) if is_share(leg) else _now(leg, size, expirations.get(leg.expiration), surface)
        for leg, size in zip(candidate.legs, sizes(candidate.legs), strict=True)
    ]
    return _curve(candidate, terms)


def at_expiration(candidate: Candidate, surface: Surface) -> Curve | None:
    """The payoff; where there are later expirations, their legs are priced again at the nearest one.

    Such a leg has the variance between the two expirations, the near one's from its smile at the leg's
    strike, and a forward that moves in proportion to the share. None where that variance is not positive.
    """
    expirations = {each.expiration: each for each in surface.expirations}
    terms = [
        Term(size, leg.strike, _sign(leg))
        if is_share(leg) or leg.expiration == candidate.expiration
        else _later(leg, size, expirations, candidate.expiration, surface.rate)
        for leg, size in zip(candidate.legs, sizes(candidate.legs), strict=True)
    ]
    return _curve(candidate, terms)


def is_share(leg: Leg) -> bool:
    """Whether a leg is shares and no option."""
    return leg.right == Right.RIGHT_UNSPECIFIED


def sizes(legs: Sequence[Leg]) -> list[float]:
    """Shares that each leg is on, for one share of the spread: options of one contract give the measure."""
    one = next((leg.multiplier for leg in legs if not is_share(leg)), 1.0)
    return [leg.quantity * (leg.multiplier or 1.0) / one for leg in legs]


def _curve(candidate: Candidate, terms: Sequence[Term | None]) -> Curve | None:
    known = tuple(term for term in terms if term is not None)
    return Curve(known, candidate.fill_price) if len(known) == len(terms) else None


def _now(leg: Leg, size: float, expiry: SurfaceExpiration | None, surface: Surface) -> Term | None:
    if expiry is None or not leg.HasField("implied_volatility"):
        return None
    deviation = leg.implied_volatility * math.sqrt(expiry.years)
    discount = math.exp(-surface.rate * expiry.years)
    return Term(size, leg.strike, _sign(leg), expiry.forward / surface.spot, deviation, discount)


def _later(
    leg: Leg, size: float, expirations: dict[str, SurfaceExpiration], nearest: str, rate: float
) -> Term | None:
    near, far = expirations.get(nearest), expirations.get(leg.expiration)
    if near is None or far is None or not leg.HasField("implied_volatility"):
        return None
    x = math.log(leg.strike / near.forward)
    volatility = smile_volatility(x, near.smile_x, near.smile_volatility)
    if volatility is None:
        return None
    variance = leg.implied_volatility**2 * far.years - volatility**2 * near.years
    if variance <= 0:
        return None
    discount = math.exp(-rate * (far.years - near.years))
    carry = far.forward / near.forward
    return Term(size, leg.strike, _sign(leg), carry, math.sqrt(variance), discount)


def _sign(leg: Leg) -> int:
    return -1 if leg.right == Right.RIGHT_PUT else 1
