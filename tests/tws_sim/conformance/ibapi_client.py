"""A client of IB's own ibapi: prints what it saw of the gateway as one JSON line."""

import json
import sys
import threading

from ibapi.contract import ComboLeg, Contract
from ibapi_wrapper import DEADLINE, Client

SHARE_DETAILS, OPTION_DETAILS, CHAIN, PARAMETERS, SHARE, OPTION, SNAPSHOT = range(1, 8)
UNKNOWN, HIGHER, SPREAD, BARS, ABSENT, HEAD, SYMBOLS, COMPUTED, LIVE, DEPTH, SINGLE, SUMMARY = range(8, 20)


def contract(symbol, kind, expiration="", strike=0.0, right=""):
    made = Contract()
    made.symbol, made.secType, made.exchange, made.currency = symbol, kind, "SMART", "USD"
    made.lastTradeDateOrContractMonth, made.strike, made.right = expiration, strike, right
    return made


def everything_else(client, share, option):
    """Combinations, history, single ticks, depth, bars, computations, reference data, errors."""
    client.reqContractDetails(UNKNOWN, contract("NOSUCH", "STK"))
    higher = contract(share.symbol, "OPT", option.lastTradeDateOrContractMonth, option.strike + 5, "C")
    client.reqContractDetails(HIGHER, higher)
    client.reqAccountSummary(SUMMARY, "All", "NetLiquidation")
    client.reqHistoricalData(BARS, share, "", "1 D", "30 mins", "MIDPOINT", 1, 1, False, [])
    client.reqHistoricalData(ABSENT, share, "", "1 D", "30 mins", "FEE_RATE", 1, 1, False, [])
    client.reqHeadTimeStamp(HEAD, share, "MIDPOINT", 1, 1)
    client.reqMatchingSymbols(SYMBOLS, share.symbol)
    client.calculateOptionPrice(COMPUTED, option, 0.25, option.strike, [])
    client.reqMarketRule(26)
    client.reqRealTimeBars(LIVE, share, 5, "MIDPOINT", False, [])
    client.reqMktDepth(DEPTH, share, 3, True, [])
    client.reqTickByTickData(SINGLE, share, "BidAsk", 0, False)
    asked = (UNKNOWN, HIGHER, SUMMARY, BARS, ABSENT, HEAD, SYMBOLS, LIVE, DEPTH, SINGLE)
    for request in (*asked, (COMPUTED, 53), "rule"):
        client.wait(request)
    client.cancelMktDepth(DEPTH, True)
    client.cancelTickByTickData(SINGLE)
    client.cancelRealTimeBars(LIVE)
    spread = contract(share.symbol, "BAG")
    spread.comboLegs = [leg(option, "BUY"), leg(client.details[HIGHER][0].contract, "SELL")]
    client.reqMktData(SPREAD, spread, "", False, False, [])
    for side in (1, 2):
        client.wait((SPREAD, side))
    client.cancelMktData(SPREAD)
    seen = client.seen
    return {
        "unknown": len(client.details[UNKNOWN]),
        "summary": seen["summary"],
        "bars": len(client.bars),
        "bar_close": client.bars[-1].close,
        "head": seen["head"][:8],
        "symbols": seen["symbols"],
        "computed": seen[COMPUTED]["computed"],
        "rule": seen["rule"],
        "live_bar": seen["live_bar"],
        "depth": [client.book[1, 0], client.book[0, 0]],
        "single_tick": seen["single_tick"],
        "spread": [seen[SPREAD][1], seen[SPREAD][2]],
        "errors": sorted(client.errors),
    }


def leg(of, action):
    made = ComboLeg()
    made.conId, made.ratio, made.action, made.exchange = of.conId, 1, action, "SMART"
    return made


def main(port, symbol, expiration, strike):
    client = Client()
    client.connect("127.0.0.1", port, 9)
    reader = threading.Thread(target=client.run, daemon=True)
    reader.start()
    client.wait("start")
    version = client.serverVersion()
    client.reqPositions()
    client.reqAccountUpdates(True, client.seen["accounts"][0])
    client.wait("positions")
    client.wait("account")
    client.reqContractDetails(SHARE_DETAILS, contract(symbol, "STK"))
    client.reqContractDetails(OPTION_DETAILS, contract(symbol, "OPT", expiration, strike, "C"))
    client.reqContractDetails(CHAIN, contract(symbol, "OPT", expiration))
    for request in (SHARE_DETAILS, OPTION_DETAILS, CHAIN):
        client.wait(request)
    share, details = client.details[SHARE_DETAILS][0].contract, client.details[OPTION_DETAILS][0]
    option = details.contract
    client.reqSecDefOptParams(PARAMETERS, symbol, "", "STK", share.conId)
    client.wait(PARAMETERS)
    client.reqMktData(SHARE, share, "100,101,104,106,221,233", False, False, [])
    client.reqMktData(OPTION, option, "101,221", False, False, [])
    for request, tick_type in [(SHARE, 1), (SHARE, 2), (SHARE, 4), (SHARE, 8), (SHARE, 29)]:
        client.wait((request, tick_type))
    for tick_type in (0, 1, 2, 3, 13, 27, 37):
        client.wait((OPTION, tick_type))
    client.reqMktData(SNAPSHOT, option, "", True, False, [])
    client.wait("snapshot")
    client.cancelMktData(OPTION)
    client.cancelMktData(SHARE)
    more = everything_else(client, share, option)
    client.reqCurrentTime()
    client.wait("time")
    client.disconnect()
    reader.join(DEADLINE)
    seen = client.seen
    return {
        "version": version,
        "accounts": seen["accounts"],
        "net_liquidation": [seen["values"]["NetLiquidation"]],
        "positions": len(seen["positions"]),
        "share_id": share.conId,
        "option_id": option.conId,
        "local_symbol": option.localSymbol,
        "trading_class": option.tradingClass,
        "under_id": details.underConId,
        "real_expiration": details.realExpirationDate,
        "trading_hours": details.tradingHours,
        "time_zone": details.timeZoneId,
        "chain": sorted({(d.contract.strike, d.contract.right) for d in client.details[CHAIN]}),
        "expirations": seen["expirations"],
        "strikes": seen["strikes"],
        "bid": seen[OPTION][1],
        "ask": seen[OPTION][2],
        "bid_size": seen[OPTION][0],
        "mark": seen[OPTION][37],
        "open_interest": seen[OPTION][27],
        "share_bid": seen[SHARE][1],
        "share_ask": seen[SHARE][2],
        "share_last": seen[SHARE][4],
        "share_volume": seen[SHARE][8],
        "call_volume": seen[SHARE][29],
        **seen["greeks"],
        **more,
        "snapshot_bid": seen[SNAPSHOT][1],
        "epoch": seen["epoch"],
        "connected_at_the_end": client.isConnected() or reader.is_alive(),
        "problems": client.problems,
    }


if __name__ == "__main__":
    _, port, symbol, expiration, strike = sys.argv
    print(json.dumps(main(int(port), symbol, expiration, float(strike))))
