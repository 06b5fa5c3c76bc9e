"""On what terms a client gets a contract's market data."""

from typing import NamedTuple

# What reqMarketDataType asks for and marketDataType answers.
LIVE, FROZEN, DELAYED, DELAYED_FROZEN = 1, 2, 3, 4


class Terms(NamedTuple):
    """Live and complete, unless a fault says otherwise."""

    refusal: tuple[int, str] | None = None
    """Error code and text instead of data."""
    notice: tuple[int, str] | None = None
    """Error code and text before the data."""
    kind: int = LIVE
    partial: bool = False
    """Only ticks that need no subscription: open interest, volumes and volatilities over all options."""
