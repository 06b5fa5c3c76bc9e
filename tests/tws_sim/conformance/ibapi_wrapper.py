# ruff: noqa: N802, N803 - the names of callbacks and their arguments are ibapi's
"""What IB's own ibapi calls back, noted for the scenario of ibapi_client."""

import threading
from collections import defaultdict

from ibapi.client import EClient
from ibapi.wrapper import EWrapper

DEADLINE = 15
EXPECTED = {200, 162}  # what the scenario provokes: an unknown contract, data nobody has


class Client(EWrapper, EClient):
    def __init__(self):
        EClient.__init__(self, self)
        self.seen = defaultdict(dict)
        self.details = defaultdict(list)
        self.ended = defaultdict(threading.Event)
        self.problems = []
        self.errors = []
        self.bars = []
        self.book = {}

    def wait(self, what):
        if not self.ended[what].wait(DEADLINE):
            raise SystemExit(f"nothing came of {what}; {self.problems}")

    def error(self, reqId, errorCode, errorString):
        if errorCode in EXPECTED:
            self.errors.append(errorCode)
            self.ended[reqId].set()
        elif not 2100 <= errorCode < 2200:
            self.problems.append(f"{errorCode} {errorString}")

    def nextValidId(self, orderId):
        self.seen["ids"]["next"] = orderId
        self.ended["start"].set()

    def managedAccounts(self, accountsList):
        self.seen["accounts"] = accountsList.split(",")

    def contractDetails(self, reqId, contractDetails):
        self.details[reqId].append(contractDetails)

    def contractDetailsEnd(self, reqId):
        self.ended[reqId].set()

    def securityDefinitionOptionParameter(
        self, reqId, exchange, underlyingConId, tradingClass, multiplier, expirations, strikes
    ):
        self.seen["expirations"] = sorted(expirations)
        self.seen["strikes"] = sorted(strikes)

    def securityDefinitionOptionParameterEnd(self, reqId):
        self.ended[reqId].set()

    def position(self, account, contract, position, avgCost):
        self.seen["positions"][contract.conId] = position

    def positionEnd(self):
        self.ended["positions"].set()

    def updateAccountValue(self, key, val, currency, accountName):
        self.seen["values"][key] = val

    def accountDownloadEnd(self, accountName):
        self.ended["account"].set()

    def currentTime(self, time):
        self.seen["epoch"] = time
        self.ended["time"].set()

    def tickPrice(self, reqId, tickType, price, attrib):
        self.seen[reqId][tickType] = price
        self.ended[reqId, tickType].set()

    def tickSize(self, reqId, tickType, size):
        self.seen[reqId][tickType] = size
        self.ended[reqId, tickType].set()

    def tickOptionComputation(
        self,
        reqId,
        tickType,
        tickAttrib,
        impliedVol,
        delta,
        optPrice,
        pvDividend,
        gamma,
        vega,
        theta,
        undPrice,
    ):
        greeks = {
            "iv": impliedVol,
            "delta": delta,
            "gamma": gamma,
            "vega": vega,
            "theta": theta,
            "und": undPrice,
        }
        if tickType == 13:
            self.seen["greeks"] = greeks
        self.seen[reqId]["computed"] = optPrice
        self.ended[reqId, tickType].set()

    def historicalData(self, reqId, bar):
        self.bars.append(bar)

    def historicalDataEnd(self, reqId, start, end):
        self.ended[reqId].set()

    def headTimestamp(self, reqId, headTimestamp):
        self.seen["head"] = headTimestamp
        self.ended[reqId].set()

    def symbolSamples(self, reqId, contractDescriptions):
        self.seen["symbols"] = [one.contract.conId for one in contractDescriptions]
        self.ended[reqId].set()

    def marketRule(self, marketRuleId, priceIncrements):
        self.seen["rule"] = [[one.lowEdge, one.increment] for one in priceIncrements]
        self.ended["rule"].set()

    def realtimeBar(self, reqId, time, open_, high, low, close, volume, wap, count):
        self.seen["live_bar"] = close
        self.ended[reqId].set()

    def updateMktDepthL2(self, reqId, position, marketMaker, operation, side, price, size, isSmartDepth):
        self.book[side, position] = price
        if len(self.book) == 6:
            self.ended[reqId].set()

    def tickByTickBidAsk(self, reqId, time, bidPrice, askPrice, bidSize, askSize, tickAttribBidAsk):
        self.seen["single_tick"] = [bidPrice, askPrice]
        self.ended[reqId].set()

    def accountSummary(self, reqId, account, tag, value, currency):
        self.seen["summary"] = value

    def accountSummaryEnd(self, reqId):
        self.ended[reqId].set()

    def tickSnapshotEnd(self, reqId):
        self.ended["snapshot"].set()
