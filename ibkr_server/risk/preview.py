"""What an order would cost and what speaks against it."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from ibkr_server.orders.broker import WhatIf
from ibkr_server.risk.prices import PriceView
from ibkr_server.risk.rules import Violation

_UNSET: Final = Decimal("1e300")
_AMOUNTS: Final = (
    "initial_before",
    "initial_after",
    "maintenance_before",
    "maintenance_after",
    "equity_before",
    "equity_after",
    "commission",
    "min_commission",
    "max_commission",
)


@dataclass(frozen=True, slots=True)
class Preview:
    """The answer to a preview. Money in US dollars; `expires` is the end of `token`, UTC.

    `prices` is None where a leg has no quote. `max_loss` is None where the loss has no limit, and for a
    market order without quotes.
    """

    token: str
    expires: datetime
    what_if: WhatIf
    prices: PriceView | None
    max_loss: Decimal | None
    violations: tuple[Violation, ...]


def known_amounts(what_if: WhatIf) -> WhatIf:
    """Without numbers that are none: IB writes 1.79e308 for what it has not computed."""
    amounts: dict[str, Any] = {name: _known(getattr(what_if, name)) for name in _AMOUNTS}
    return replace(what_if, **amounts)


def _known(amount: Decimal | None) -> Decimal | None:
    return amount if amount is not None and amount.is_finite() and abs(amount) < _UNSET else None
