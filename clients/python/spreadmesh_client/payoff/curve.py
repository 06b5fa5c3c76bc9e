"""Profit of a spread at a share price: a sum of options, each under Black's formula or at its expiration."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """One leg at one time.

    Attributes:
        size: shares that the leg is on, for one share of the spread; negative = sold.
        strike: USD per share; 0 for shares, which are a call that is exercised for nothing.
        sign: 1 for a call or shares, -1 for a put.
        carry: forward over share price.
        deviation: volatility x sqrt(time left); 0 at the expiration.
        discount: to that time from the leg's expiration.
    """

    size: float
    strike: float
    sign: int
    carry: float = 1.0
    deviation: float = 0.0
    discount: float = 1.0

    def value(self, share: float) -> float:
        """Value at a share price of zero or more (F. Black, 1976)."""
        forward = share * self.carry
        if self.deviation == 0 or self.strike == 0 or forward == 0:
            undiscounted = max(self.sign * (forward - self.strike), 0.0)
        else:
            d1 = math.log(forward / self.strike) / self.deviation + 0.5 * self.deviation
            in_money_share, in_money = _cdf(self.sign * d1), _cdf(self.sign * (d1 - self.deviation))
            undiscounted = self.sign * (forward * in_money_share - self.strike * in_money)
        return self.size * self.discount * undiscounted


@dataclass(frozen=True, slots=True)
class Curve:
    """A spread at one time.

    Attributes:
        terms: its legs.
        price: what it was bought for, USD per share, negative = credit.
    """

    terms: tuple[Term, ...]
    price: float

    def profit(self, share: float) -> float:
        """USD per share, before commission, at a share price of zero or more."""
        return math.fsum(term.value(share) for term in self.terms) - self.price


def _cdf(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))
