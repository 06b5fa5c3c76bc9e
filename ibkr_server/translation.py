"""IB's types ↔ ours: the only place that knows how ib_insync spells contracts."""

from collections.abc import Iterable
from datetime import date, datetime

from ib_insync import Contract, ContractDetails, OptionChain, Stock
from ib_insync import Option as IbOption

from ibkr_server.chain.contracts import Option, OptionParameters, Underlying

OPTION_GENERIC_TICKS = "101"
"""Open interest. https://interactivebrokers.github.io/tws-api/tick_types.html"""


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
    """A contract to subscribe to."""
    return Contract(conId=con_id, exchange=exchange)
