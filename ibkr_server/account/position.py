"""What an account holds, and what it is worth."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from ibkr_server.gateway.figures import figure

Key = tuple[str, int]
"""Account and contract number."""


@dataclass(frozen=True, slots=True)
class Position:
    """One contract in one account. Prices in currency per share, values in currency; None: not told."""

    account: str
    con_id: int
    symbol: str
    security_type: str
    local_symbol: str
    expiration: date | None
    strike: Decimal
    right: Literal["C", "P"] | None
    multiplier: Decimal
    quantity: Decimal
    """Contracts or shares: positive held, negative owed, 0 gone."""
    average_cost: Decimal
    """Mean price of entry with commission."""
    market_price: Decimal | None = None
    market_value: Decimal | None = None
    unrealized_pnl: Decimal | None = None
    realized_pnl: Decimal | None = None

    @property
    def key(self) -> Key:
        """What it is found by."""
        return (self.account, self.con_id)

    @property
    def order(self) -> tuple[object, ...]:
        """Sorts by account, then symbol, expiration, strike and right."""
        return (
            self.account,
            self.symbol,
            self.expiration or date.min,
            self.strike,
            self.right or "",
            self.con_id,
        )


@dataclass(frozen=True, slots=True)
class Mark:
    """What IB values a position at."""

    price: Decimal | None
    value: Decimal | None
    unrealized_pnl: Decimal | None
    realized_pnl: Decimal | None


@dataclass(frozen=True, slots=True)
class Profit:
    """Of an account, US dollars; None: not told."""

    daily: Decimal | None = None
    unrealized: Decimal | None = None
    realized: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AccountValues:
    """An account as it is now. `values` as IB tells them, by (tag, currency)."""

    account: str
    values: Mapping[tuple[str, str], str] = field(default_factory=dict)
    profit: Profit = Profit()
    told: float = 0.0
    """When the gateway last told something; market time in seconds since 1970 UTC."""
    stale: bool = True
    """The gateway is away, or has not told everything since it is back."""

    @property
    def currency(self) -> str:
        """The account's base currency; empty before it was told."""
        return next((currency for tag, currency in self.values if tag == "NetLiquidation"), "")

    def amount(self, tag: str) -> Decimal | None:
        """One of IB's values in the base currency; None where it was not told."""
        text = self.values.get((tag, self.currency))
        return None if text is None else figure(text)
