"""What has to be known of a contract before it can be ordered, free of IB's types."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from ibkr_server.chain.contracts import Right


class PriceIncrement(NamedTuple):
    """Prices from `low_edge` on, whatever their sign, are multiples of `step`; currency per share."""

    low_edge: Decimal
    step: Decimal


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """One contract of any kind. Strike and increments in currency per share.

    `multiplier` is the number of shares per contract, 1 for a share. `expires` is when an option stops
    trading, with a time zone; it, `strike` and `right` are None for everything else. A share is its own
    underlying.
    """

    con_id: int
    symbol: str
    security_type: str
    currency: str
    exchange: str
    local_symbol: str
    trading_class: str
    multiplier: Decimal
    underlying_con_id: int
    underlying_type: str
    increments: tuple[PriceIncrement, ...]
    expires: datetime | None = None
    strike: Decimal | None = None
    right: Right | None = None

    @property
    def is_option(self) -> bool:
        """Whether it expires."""
        return self.right is not None
