"""The account's values under the names TWS has for them."""

from typing import NamedTuple

from tws_sim.account.account import Profit
from tws_sim.account.balance import Balance

_DAY_TRADING = 4  # buying power is this many times the available funds


class Value(NamedTuple):
    """One value; ``BASE`` stands for all currencies."""

    tag: str
    value: str
    currency: str = ""


def values(account: str, balance: Balance, profit: Profit) -> list[Value]:
    """Every value, in TWS's order: by name."""
    equity, margin = balance.equity_with_loan, balance.margin
    available, excess = equity - margin.initial, equity - margin.maintenance
    net = balance.net_liquidation
    amounts = {
        "AccruedCash": 0.0,
        "AvailableFunds": available,
        "BuyingPower": _DAY_TRADING * available,
        "CashBalance": balance.cash,
        "EquityWithLoanValue": equity,
        "ExcessLiquidity": excess,
        "FullAvailableFunds": available,
        "FullExcessLiquidity": excess,
        "FullInitMarginReq": margin.initial,
        "FullMaintMarginReq": margin.maintenance,
        "GrossPositionValue": balance.gross,
        "InitMarginReq": margin.initial,
        "LookAheadAvailableFunds": available,
        "LookAheadExcessLiquidity": excess,
        "MaintMarginReq": margin.maintenance,
        "NetLiquidation": net,
        "OptionMarketValue": balance.options,
        "RealizedPnL": profit.realized,
        "StockMarketValue": balance.shares,
        "TotalCashValue": balance.cash,
        "UnrealizedPnL": profit.unrealized,
    }
    found = [Value(tag, f"{amount:.2f}", "USD") for tag, amount in amounts.items()]
    found += [
        Value("AccountCode", account),
        Value("AccountReady", "true"),
        Value("AccountType", "INDIVIDUAL"),
        Value("CashBalance", f"{balance.cash:.2f}", "BASE"),
        Value("Currency", "USD", "USD"),
        Value("Cushion", f"{excess / net if net else 0.0:.6g}"),
        Value("DayTradesRemaining", "-1"),
        Value("ExchangeRate", "1.00", "USD"),
        Value("Leverage-S", f"{balance.gross / net if net else 0.0:.2f}"),
        Value("NetLiquidationByCurrency", f"{net:.2f}", "BASE"),
        Value("TotalCashBalance", f"{balance.cash:.2f}", "BASE"),
    ]
    return sorted(found)
