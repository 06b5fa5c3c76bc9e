"""Instruments and their stable contract ids."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from tws_sim.market.assets import Asset
from tws_sim.market.identity import derived_id

# Contract ids IB has given to these shares; others get an id out of a hash of what they are.
KNOWN_CONTRACT_IDS = {
    "AAPL": 265598,
    "AMZN": 3691937,
    "GOOG": 208813720,
    "IWM": 9579970,
    "META": 107113386,
    "MSFT": 272093,
    "NVDA": 4815747,
    "QQQ": 320227571,
    "SPY": 756733,
    "TSLA": 76792991,
}
FUNDS = {"SPY": "ARCA", "QQQ": "NASDAQ", "IWM": "ARCA"}

Right = Literal["C", "P"]


@dataclass(frozen=True, slots=True)
class Share:
    """A share or exchange traded fund."""

    con_id: int
    symbol: str
    long_name: str
    primary_exchange: str = "NASDAQ"

    @property
    def is_fund(self) -> bool:
        """Whether it is an exchange traded fund."""
        return self.symbol in FUNDS


@dataclass(frozen=True, slots=True)
class Option:
    """A listed option. ``last_trade`` may precede ``expiration``: monthlies once expired on Saturdays."""

    con_id: int
    share: Share
    last_trade: date
    expiration: date
    strike: float
    right: Right
    multiplier: int = 100

    @property
    def symbol(self) -> str:
        """Symbol of the underlying."""
        return self.share.symbol

    @property
    def local_symbol(self) -> str:
        """The 21 characters of the Options Symbology Initiative."""
        return f"{self.symbol:<6}{self.expiration:%y%m%d}{self.right}{round(self.strike * 1000):08d}"


Instrument = Share | Option | Asset


def min_tick(item: Instrument) -> float:
    """The smallest step of an instrument's prices."""
    return item.min_tick if isinstance(item, Asset) else 0.01


def sec_type(item: Instrument) -> str:
    """The type of security as TWS names it."""
    if isinstance(item, Asset):
        return item.sec_type
    return "STK" if isinstance(item, Share) else "OPT"


def share(symbol: str, long_name: str | None = None) -> Share:
    """A share with its known or derived contract id."""
    con_id = KNOWN_CONTRACT_IDS.get(symbol) or derived_id("STK", symbol)
    return Share(con_id, symbol, long_name or f"{symbol} INC", FUNDS.get(symbol, "NASDAQ"))


def option(underlying: Share, last_trade: date, expiration: date, strike: float, right: Right) -> Option:
    """An option with its derived contract id."""
    con_id = derived_id("OPT", underlying.symbol, expiration, f"{strike:.4f}", right)
    return Option(con_id, underlying, last_trade, expiration, strike, right)
