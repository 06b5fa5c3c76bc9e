"""The current state of one instrument."""

from typing import NamedTuple

_LEAST_VEGA = 1e-4
_HIGHEST_VOLATILITY = 8.0


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

    def at(self, price: float) -> "Model":
        """The figures at another price, by one Newton step of the volatility; sentinels without a vega.

        Greeks stay the model's own: sides differ by a few ticks.
        """
        step = (
            (price - self.price) / (100 * self.vega) if self.vega > _LEAST_VEGA else -self.implied_volatility
        )
        volatility = self.implied_volatility + step
        if not 0 < volatility < _HIGHEST_VOLATILITY:
            return Model(-1.0, -2.0, price, self.pv_dividend, -2.0, -2.0, -2.0, self.underlying)
        return self._replace(implied_volatility=volatility, price=price)


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
