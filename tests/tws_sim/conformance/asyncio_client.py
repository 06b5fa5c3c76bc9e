"""A client of ib_insync or ib_async: prints what it saw of the gateway as one JSON line."""

import asyncio
import json
import logging
import math
import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

# What the scenario provokes: an unknown contract, data nobody has; and, until the gateway has read the cancel
# of a book, a row of it, which the client has emptied by then.
EXPECTED = ("Error 200,", "Error 162,")
LATE_ROW = "Error for updateMktDepthL2:"


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not condition():  # noqa: ASYNC110 - no event tells that all of it has come
            await asyncio.sleep(0.02)


async def everything_else(
    ibx: ModuleType, ib: Any, share: Any, option: Any, expected: list[str]
) -> dict[str, object]:
    """Combinations, history, single ticks, depth, bars, computations, reference data, errors."""
    unknown = await ib.reqContractDetailsAsync(ibx.Stock("NOSUCH", "SMART", "USD"))
    higher = ibx.Option(option.symbol, option.lastTradeDateOrContractMonth, option.strike + 5, "C", "SMART")
    await ib.qualifyContractsAsync(higher)
    legs = [
        ibx.ComboLeg(conId=one.conId, ratio=1, action=action, exchange="SMART")
        for one, action in ((option, "BUY"), (higher, "SELL"))
    ]
    spread = ibx.Bag(symbol=share.symbol, exchange="SMART", currency="USD", comboLegs=legs)
    [summary] = [v.value for v in await ib.accountSummaryAsync() if v.tag == "NetLiquidation"]
    bars = await ib.reqHistoricalDataAsync(share, "", "1 D", "30 mins", "MIDPOINT", True)
    absent = await ib.reqHistoricalDataAsync(share, "", "1 D", "30 mins", "FEE_RATE", True)
    head = await ib.reqHeadTimeStampAsync(share, "MIDPOINT", True, 1)
    symbols = await ib.reqMatchingSymbolsAsync(share.symbol)
    computed = await ib.calculateOptionPriceAsync(option, 0.25, option.strike)
    rule = await ib.reqMarketRuleAsync(26)
    live = ib.reqRealTimeBars(share, 5, "MIDPOINT", False)
    ticker = ib.reqMktDepth(share, 3, isSmartDepth=True)
    await until(lambda: len(ticker.domBids) == len(ticker.domAsks) == 3)
    depth = [ticker.domBids[0].price, ticker.domAsks[0].price]
    expected.append(LATE_ROW)
    ib.cancelMktDepth(share, isSmartDepth=True)
    await ib.reqCurrentTimeAsync()  # answered after the cancel has been read
    expected.remove(LATE_ROW)
    ticker = ib.reqTickByTickData(share, "BidAsk")
    await until(lambda: bool(ticker.tickByTicks))
    tick = ticker.tickByTicks[0]
    ib.cancelTickByTickData(share, "BidAsk")
    bag = (await ib.reqTickersAsync(spread))[0]
    await until(lambda: bool(live))
    ib.cancelRealTimeBars(live)
    return {
        "unknown": len(unknown) + len(absent),
        "summary": summary,
        "bars": len(bars),
        "bar_close": bars[-1].close,
        "head": f"{head:%Y%m%d}",
        "symbols": [one.contract.conId for one in symbols],
        "computed": computed.optPrice,
        "rule": [[one.lowEdge, one.increment] for one in rule],
        "live_bar": live[0].close,
        "depth": depth,
        "single_tick": [tick.bidPrice, tick.askPrice],
        "spread": [bag.bid, bag.ask],
    }


async def main(library: str, port: int, symbol: str, expiration: str, strike: float) -> dict[str, object]:
    ibx = import_module(library)
    problems: list[str] = []
    expected = list(EXPECTED)
    handler = logging.Handler(logging.WARNING)
    handler.addFilter(lambda record: not record.getMessage().startswith(tuple(expected)))
    handler.emit = lambda record: problems.append(record.getMessage())
    logging.getLogger(library).addHandler(handler)
    ib = ibx.IB()
    errors: list[int] = []
    ib.errorEvent += lambda _request, code, *_: errors.append(code)
    await ib.connectAsync("127.0.0.1", port, clientId=7, timeout=4)
    share = ibx.Stock(symbol, "SMART", "USD")
    option = ibx.Option(symbol, expiration, strike, "C", "SMART")
    await ib.qualifyContractsAsync(share, option)
    details = (await ib.reqContractDetailsAsync(option))[0]
    chain = await ib.reqContractDetailsAsync(ibx.Option(symbol, expiration, exchange="SMART"))
    parameters = await ib.reqSecDefOptParamsAsync(symbol, "", "STK", share.conId)
    share_ticker = ib.reqMktData(share, "100,101,104,106,221,233")
    ticker = ib.reqMktData(option, "101,221")

    def complete() -> bool:
        return (
            ticker.modelGreeks is not None and not math.isnan(ticker.ask) and not math.isnan(share_ticker.bid)
        )

    async with asyncio.timeout(15):
        while not complete():  # noqa: ASYNC110 - no event tells that both tickers are complete
            await asyncio.sleep(0.02)
    snapshot = (await ib.reqTickersAsync(option))[0]
    ib.cancelMktData(option)
    ib.cancelMktData(share)
    more = await everything_else(ibx, ib, share, option, expected)
    now = await ib.reqCurrentTimeAsync()
    greeks = ticker.modelGreeks
    seen = {
        "version": ib.client.serverVersion(),
        "accounts": ib.managedAccounts(),
        "net_liquidation": [v.value for v in ib.accountValues() if v.tag == "NetLiquidation"],
        "positions": len(ib.positions()),
        "share_id": share.conId,
        "option_id": option.conId,
        "local_symbol": option.localSymbol,
        "trading_class": option.tradingClass,
        "under_id": details.underConId,
        "real_expiration": details.realExpirationDate,
        "trading_hours": details.tradingHours,
        "time_zone": details.timeZoneId,
        "chain": sorted({(d.contract.strike, d.contract.right) for d in chain}),
        "expirations": sorted(set().union(*(p.expirations for p in parameters))),
        "strikes": sorted(set().union(*(p.strikes for p in parameters))),
        "bid": ticker.bid,
        "ask": ticker.ask,
        "bid_size": ticker.bidSize,
        "mark": ticker.markPrice,
        "open_interest": ticker.callOpenInterest,
        "share_bid": share_ticker.bid,
        "share_ask": share_ticker.ask,
        "share_last": share_ticker.last,
        "share_volume": share_ticker.volume,
        "call_volume": share_ticker.callVolume,
        "iv": greeks.impliedVol,
        "delta": greeks.delta,
        "gamma": greeks.gamma,
        "vega": greeks.vega,
        "theta": greeks.theta,
        "und": greeks.undPrice,
        "snapshot_bid": snapshot.bid,
        "epoch": now.timestamp(),
    }
    ib.disconnect()
    await asyncio.sleep(0.1)
    seen |= more
    seen["errors"] = sorted(code for code in errors if not 2100 <= code < 2200)
    return {**seen, "connected_at_the_end": ib.isConnected(), "problems": problems}


if __name__ == "__main__":
    _, library, port, symbol, expiration, strike = sys.argv
    print(json.dumps(asyncio.run(main(library, int(port), symbol, expiration, float(strike)))))
