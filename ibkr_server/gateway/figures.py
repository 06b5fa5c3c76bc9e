"""IB's figures as exact decimals, without those by which it says that it has none."""

from decimal import Decimal
from math import isfinite
from typing import Final

UNSET: Final = 1e300
"""IB writes 1.79e308 where it has no number; nothing real is so large."""


def figure(value: float | str) -> Decimal | None:
    """The shortest decimal of a figure; None where IB has none, or it is no number."""
    try:
        found = float(value)
    except ValueError:
        return None
    if not isfinite(found) or abs(found) >= UNSET:
        return None
    return Decimal(f"{Decimal(str(value)).normalize():f}")


def count(value: float | str) -> Decimal:
    """The same of what is never absent: 0 where IB has none."""
    return figure(value) or Decimal(0)
