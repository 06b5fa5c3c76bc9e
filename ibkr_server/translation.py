"""IB's types ↔ ours: the only place that knows how ib_insync spells contracts."""

import asyncio
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import TypeAlias

from ib_insync import IB, BarData, Contract, ContractDetails, OptionChain, Stock
from ib_insync import Option as IbOption
from ib_insync import PriceIncrement as IbIncrement

from ibkr_server.account.position import Position
from ibkr_server.chain.contracts import Option, OptionParameters, Right, Underlying
from ibkr_server.chain.expiration import expiration_instant
from ibkr_server.chain.facts import ContractFacts, PriceIncrement
from ibkr_server.history.bars import DailyBar, HistoryQuery

Query: TypeAlias = Contract
"""A contract to ask about."""
Details: TypeAlias = ContractDetails

OPTION_GENERIC_TICKS = "101"
"""Open interest. https://interactivebrokers.github.io/tws-api/tick_types.html"""

_UNSET = 1e300


def underlying_query(symbol: str, security_type: str, currency: str) -> Contract:
    """Asks for the details of a share or an index."""
    if security_type == "STK":
        return Stock(symbol, "SMART", currency)
    return Contract(secType=security_type, symbol=symbol, currency=currency)


def contract_query(con_id: int) -> Contract:
    """Asks for the details of the contract of that number."""
    return Contract(conId=con_id)


def option_query(underlying: Underlying, trading_class: str, expiration: date) -> Contract:
    """Asks for the details of every strike and right of an expiration at once."""
    return IbOption(
        underlying.symbol,
        f"{expiration:%Y%m%d}",
        exchange="SMART",
        currency=underlying.currency,
        tradingClass=trading_class,
    )


def is_underlying(details: ContractDetails) -> bool:
    """Whether it is a share, a fund or an index."""
    return _contract(details).secType in {"STK", "IND"}


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
        right=to_right(contract),
        multiplier=float(contract.multiplier or 100),
        trading_class=contract.tradingClass,
        min_tick=details.minTick,
        local_symbol=contract.localSymbol,
    )


def to_right(contract: Contract) -> Right:
    """IB writes C or CALL, P or PUT."""
    return "C" if contract.right.upper().startswith("C") else "P"


def market_rule_id(details: ContractDetails) -> int | None:
    """The rule of its prices where orders go; None where it names none.

    Rules stand in the order of the exchanges: https://interactivebrokers.github.io/tws-api/minimum_increment.html
    """
    rules = dict(zip(details.validExchanges.split(","), details.marketRuleIds.split(","), strict=False))
    rule = rules.get("SMART") or next(iter(rules.values()), "")
    return int(rule) if rule.isdecimal() else None


def to_increments(rule: Iterable[IbIncrement]) -> tuple[PriceIncrement, ...]:
    """A market rule, from the lowest price up."""
    return tuple(sorted(PriceIncrement(_decimal(row.lowEdge), _decimal(row.increment)) for row in rule))


def to_facts(details: ContractDetails, increments: tuple[PriceIncrement, ...]) -> ContractFacts:
    """The contract of contract details; its smallest step stands for increments that are not known."""
    contract = _contract(details)
    is_option = contract.secType == "OPT"
    day = to_date(contract.lastTradeDateOrContractMonth) if is_option else None
    return ContractFacts(
        con_id=contract.conId,
        symbol=contract.symbol,
        security_type=contract.secType,
        currency=contract.currency,
        exchange=contract.exchange or "SMART",
        local_symbol=contract.localSymbol,
        trading_class=contract.tradingClass,
        multiplier=Decimal(contract.multiplier or (100 if is_option else 1)),
        underlying_con_id=details.underConId if is_option else contract.conId,
        underlying_type=details.underSecType if is_option else contract.secType,
        increments=increments or (PriceIncrement(Decimal(0), _decimal(details.minTick)),),
        expires=expiration_instant(day, contract.tradingClass) if day else None,
        strike=_decimal(contract.strike) if is_option else None,
        right=to_right(contract) if is_option else None,
    )


def _decimal(value: float) -> Decimal:
    """The number as IB has written it."""
    return Decimal(repr(value))


def to_parameters(chains: Iterable[OptionChain]) -> list[OptionParameters]:
    """What is listed at SMART, by trading class."""
    return [
        OptionParameters(chain.tradingClass, tuple(sorted(map(to_date, chain.expirations))))
        for chain in chains
        if chain.exchange == "SMART"
    ]


def to_position(account: str, contract: Contract, quantity: float, average_cost: float) -> Position:
    """What an account holds; IB tells the cost per contract."""
    multiplier = Decimal(contract.multiplier or 1)
    is_option = bool(contract.right.strip("0?"))
    return Position(
        account=account,
        con_id=contract.conId,
        symbol=contract.symbol,
        security_type=contract.secType,
        local_symbol=contract.localSymbol,
        expiration=to_date(contract.lastTradeDateOrContractMonth) if is_option else None,
        strike=Decimal(str(contract.strike)) if is_option else Decimal(0),
        right=to_right(contract) if is_option else None,
        multiplier=multiplier,
        quantity=Decimal(str(quantity)),
        average_cost=Decimal(str(average_cost)) / multiplier,
    )


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


async def daily_bars(ib: IB, query: HistoryQuery, answer_seconds: float) -> tuple[DailyBar, ...]:
    """Ask for the regular sessions up to now; where no answer comes in time the request is cancelled.

    Raises:
        TimeoutError: No answer within `answer_seconds`.
    """
    loop = asyncio.get_running_loop()
    due = loop.time() + answer_seconds
    bars = await ib.reqHistoricalDataAsync(
        Contract(conId=query.con_id, exchange=query.exchange),
        endDateTime="",
        durationStr=query.duration,
        barSizeSetting="1 day",
        whatToShow=query.kind.value,
        useRTH=True,
        timeout=answer_seconds,
    )
    if not bars and loop.time() >= due:  # the library says it this way
        raise TimeoutError(f"no history within {answer_seconds:.0f} s")
    return to_daily_bars(bars)[-query.days :]


def to_daily_bars(bars: Iterable[BarData]) -> tuple[DailyBar, ...]:
    """Bars of days, oldest first, without those that have a value IB doesn't know."""
    found = (
        DailyBar(
            day=to_date(str(bar.date).replace("-", "")),
            open=_price(bar.open),
            high=_price(bar.high),
            low=_price(bar.low),
            close=_price(bar.close),
            volume=bar.volume if isfinite(_price(bar.volume)) else None,
        )
        for bar in bars
    )
    known = (bar for bar in found if isfinite(bar.open + bar.high + bar.low + bar.close))
    return tuple(sorted(known, key=lambda bar: bar.day))


def _price(value: float | None) -> float:
    return float("nan") if value is None or value < 0 or not value < _UNSET else float(value)
