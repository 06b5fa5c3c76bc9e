"""A client of ib_insync or ib_async: prints what it saw of the gateway as one JSON line."""

import asyncio
import json
import logging
import math
import sys
from importlib import import_module


async def main(library: str, port: int, symbol: str, expiration: str, strike: float) -> dict[str, object]:
    ibx = import_module(library)
    problems: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: problems.append(record.getMessage())
    logging.getLogger(library).addHandler(handler)
    ib = ibx.IB()
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
    return {**seen, "connected_at_the_end": ib.isConnected(), "problems": problems}


if __name__ == "__main__":
    _, library, port, symbol, expiration, strike = sys.argv
    print(json.dumps(asyncio.run(main(library, int(port), symbol, expiration, float(strike)))))
