"""How far a limit may be from the middle of the market."""

from decimal import Decimal
from typing import Final

_HUNDRED: Final = Decimal(100)


def collar(mid: Decimal, tick: Decimal, percent: Decimal, ticks: Decimal) -> Decimal:
    """The widest distance of a limit from `mid`: a share of it, or so many ticks where that is more.

    Prices are net, per unit, in currency per share; zero or positive comes out.
    """
    return max(abs(mid) * percent / _HUNDRED, tick * ticks)


def is_within(limit: Decimal, mid: Decimal, widest: Decimal) -> bool:
    """Whether a limit is no further than that from `mid`, above or below.

    Above it an order pays too much. Below it nothing is lost at once, but a limit so far from the market is a
    slip of sign, decimal point or leg, which would rest there until the market comes to it: both are refused.
    """
    return abs(limit - mid) <= widest
