"""The current state of one instrument."""

from typing import NamedTuple


class Model(NamedTuple):
    """An option computation in TWS's units: vega per volatility point, theta per calendar day."""

    implied_volatility: float
    delta: float
    price: float
    pv_dividend: float
    gamma: float
    vega: float
    theta: float
    underlying: float


class Trade(NamedTuple):
    """The last trade and the day's volume with it."""

    price: float
    size: int
    epoch: int
    volume: int


class ShareFigures(NamedTuple):
    """Figures of an underlying over all of its options; volatilities per year."""

    call_volume: int
    put_volume: int
    call_open_interest: int
    put_open_interest: int
    historical_volatility: float | None
    implied_volatility: float | None


class Quote(NamedTuple):
    """Prices in USD, sizes in shares or contracts; a side that does not exist is None."""

    bid: float | None = None
    bid_size: int = 0
    ask: float | None = None
    ask_size: int = 0
    trade: Trade | None = None
    close: float | None = None
    open_interest: int | None = None
    model: Model | None = None
    share: ShareFigures | None = None

    @property
    def mark(self) -> float | None:
        """The mid where both sides exist, else the last trade."""
        if self.bid is not None and self.ask is not None:
            return round((self.bid + self.ask) / 2, 6)
        return self.trade.price if self.trade else None
