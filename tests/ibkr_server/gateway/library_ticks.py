"""The reference for the decoding of ticks: ib_insync's own decoder, wrapper and tickers, without a socket."""

from collections.abc import Callable, Iterable, Sequence
from math import isfinite

from ib_insync import IB, Contract, Ticker

from ibkr_server.quotes.columns import Quote, Update

QUOTE_TICKS = frozenset({0, 1, 2, 3, 66, 67, 69, 70})
UNSET = 1e300


class LibraryTicks:
    """An open session of the library, and what its tickers come to after each packet."""

    def __init__(self, con_ids: dict[int, int], deliver: Callable[[Sequence[Update]], None]) -> None:
        """`con_ids` by request id."""
        self._deliver = deliver
        ib = IB()  # type: ignore[no-untyped-call]  # the library's constructor has no annotations
        ib.client._serverVersion = 176  # as after a handshake
        ib.client._apiReady = True
        ib.pendingTickersEvent += self._on_tickers
        for request_id, con_id in con_ids.items():
            ib.wrapper.startTicker(request_id, Contract(conId=con_id), "mktData")
        self.ib = ib
        self.feed = ib.client.conn.hasData.emit

    def _on_tickers(self, tickers: Iterable[Ticker]) -> None:
        self._deliver([Update(ticker.contract.conId, quote(ticker), is_quote(ticker)) for ticker in tickers])


def is_quote(ticker: Ticker) -> bool:
    """Whether the last packet brought a bid, an ask or a size of theirs."""
    return any(tick.tickType in QUOTE_TICKS for tick in ticker.ticks)


def quote(ticker: Ticker) -> Quote:
    """The latest values of a ticker, NaN where there are none.

    TWS sends −1 for a side that is empty, and 1.79e308 for a number that isn't set.
    """
    model = ticker.modelGreeks
    nan = float("nan")
    return Quote(
        bid=-1.0 if ticker.bid < 0 else _price(ticker.bid),
        ask=-1.0 if ticker.ask < 0 else _price(ticker.ask),
        bid_size=_price(ticker.bidSize),
        ask_size=_price(ticker.askSize),
        last=_price(ticker.last),
        volume=_price(ticker.volume),
        open_interest=_open_interest(ticker),
        origin=ticker.marketDataType,
        implied_volatility=_value(model.impliedVol, -1.0) if model else nan,
        delta=_value(model.delta, -2.0) if model else nan,
        gamma=_value(model.gamma, -2.0) if model else nan,
        vega=_value(model.vega, -2.0) if model else nan,
        theta=_value(model.theta, -2.0) if model else nan,
    )


def _open_interest(ticker: Ticker) -> float:
    calls, puts = _price(ticker.callOpenInterest), _price(ticker.putOpenInterest)
    if isfinite(calls) and isfinite(puts):
        return max(calls, puts)
    return calls if isfinite(calls) else puts


def _price(value: float | None) -> float:
    return float("nan") if value is None or value < 0 or not value < UNSET else float(value)


def _value(value: float | None, sentinel: float) -> float:
    return float("nan") if value is None or value == sentinel or not abs(value) < UNSET else float(value)
