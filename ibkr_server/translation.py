"""IB's types ↔ ours: the only place that knows how ib_insync spells contracts."""

from collections.abc import Iterable
from datetime import date, datetime
from math import isfinite

from ib_insync import Contract, ContractDetails, OptionChain, Stock, Ticker
from ib_insync import Option as IbOption

from ibkr_server.chain.contracts import Option, OptionParameters, Underlying
from ibkr_server.quotes.columns import Quote

OPTION_GENERIC_TICKS = "101"
"""Open interest. https://interactivebrokers.github.io/tws-api/tick_types.html"""

_QUOTE_TICKS = frozenset({0, 1, 2, 3, 66, 67, 69, 70})
_UNSET = 1e300


def underlying_query(symbol: str, security_type: str, currency: str) -> Contract:
    """Asks for the details of a share or an index."""
    if security_type == "STK":
        return Stock(symbol, "SMART", currency)
    return Contract(secType=security_type, symbol=symbol, currency=currency)


def option_query(underlying: Underlying, trading_class: str, expiration: date) -> Contract:
    """Asks for the details of every strike and right of an expiration at once."""
    return IbOption(
        underlying.symbol,
        f"{expiration:%Y%m%d}",
        exchange="SMART",
        currency=underlying.currency,
        tradingClass=trading_class,
    )


def to_underlying(details: ContractDetails) -> Underlying:
    """The share or index of contract details."""
    contract = _contract(details)
    return Underlying(
        con_id=contract.conId,
        symbol=contract.symbol,
        security_type=contract.secType,
        currency=contract.currency,
        exchange=contract.exchange or "SMART",
        primary_exchange=contract.primaryExchange or contract.exchange,
        min_tick=details.minTick,
    )


def to_option(details: ContractDetails) -> Option:
    """The option of contract details."""
    contract = _contract(details)
    return Option(
        con_id=contract.conId,
        symbol=contract.symbol,
        expiration=to_date(contract.lastTradeDateOrContractMonth),
        strike=contract.strike,
        right="C" if contract.right.upper().startswith("C") else "P",
        multiplier=float(contract.multiplier or 100),
        trading_class=contract.tradingClass,
        min_tick=details.minTick,
        local_symbol=contract.localSymbol,
    )


def to_parameters(chains: Iterable[OptionChain]) -> list[OptionParameters]:
    """What is listed at SMART, by trading class."""
    return [
        OptionParameters(chain.tradingClass, tuple(sorted(map(to_date, chain.expirations))))
        for chain in chains
        if chain.exchange == "SMART"
    ]


def to_date(text: str) -> date:
    """20160115, with or without a time behind it."""
    return datetime.strptime(text[:8], "%Y%m%d").date()


def _contract(details: ContractDetails) -> Contract:
    if details.contract is None:
        raise ValueError("contract details without a contract")
    return details.contract


def streaming_contract(con_id: int, exchange: str) -> Contract:
    """A contract to subscribe to: a new object each time, as the library tells subscriptions apart by it."""
    return Contract(conId=con_id, exchange=exchange)


def touches_quote(ticker: Ticker) -> bool:
    """Whether the last packet brought a bid, an ask or a size of theirs."""
    return any(tick.tickType in _QUOTE_TICKS for tick in ticker.ticks)


def to_quote(ticker: Ticker) -> Quote:
    """The latest values of a ticker, NaN where there are none.

    TWS sends −1 for a side that is empty, and 1.79e308 for a number that isn't set.
    """
    model = ticker.modelGreeks
    return Quote(
        bid=_side(ticker.bid),
        ask=_side(ticker.ask),
        bid_size=_price(ticker.bidSize),
        ask_size=_price(ticker.askSize),
        last=_price(ticker.last),
        volume=_price(ticker.volume),
        open_interest=_open_interest(ticker),
        origin=ticker.marketDataType,
        implied_volatility=_value(model.impliedVol, -1.0) if model else float("nan"),
        delta=_value(model.delta, -2.0) if model else float("nan"),
        gamma=_value(model.gamma, -2.0) if model else float("nan"),
        vega=_value(model.vega, -2.0) if model else float("nan"),
        theta=_value(model.theta, -2.0) if model else float("nan"),
    )


def _open_interest(ticker: Ticker) -> float:
    calls, puts = _price(ticker.callOpenInterest), _price(ticker.putOpenInterest)
    if isfinite(calls) and isfinite(puts):
        return max(calls, puts)  # for one option the other side is sent as 0
    return calls if isfinite(calls) else puts


def _side(value: float) -> float:
    """A bid or ask: −1 where the gateway says that there is none, NaN where it has said nothing yet."""
    return -1.0 if value < 0 else _price(value)


def _price(value: float | None) -> float:
    return float("nan") if value is None or value < 0 or not value < _UNSET else float(value)


def _value(value: float | None, sentinel: float) -> float:
    if value is None or value == sentinel or not abs(value) < _UNSET:
        return float("nan")
    return float(value)
