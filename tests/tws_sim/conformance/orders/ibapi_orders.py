# ruff: noqa: N802, N803 - the names of callbacks and their arguments are ibapi's
"""A client of IB's own ibapi that trades: prints what it was told as one JSON line."""

import json
import sys
import threading
from collections import defaultdict

from ibapi.client import EClient
from ibapi.contract import ComboLeg, Contract
from ibapi.execution import ExecutionFilter
from ibapi.order import Order
from ibapi.wrapper import EWrapper

DEADLINE, CLIENT = 15, 9
EXPECTED = {202}


class Client(EWrapper, EClient):
    def __init__(self):
        EClient.__init__(self, self)
        self.came = defaultdict(threading.Event)
        self.problems, self.errors, self.states, self.live = [], [], [], []
        self.fills, self.asked, self.commissions, self.completed = [], [], {}, {}
        self.details, self.statuses, self.perm_ids = {}, {}, set()

    def wait(self, what):
        if not self.came[what].wait(DEADLINE):
            raise SystemExit(f"nothing came of {what}; {self.problems}")

    def error(self, reqId, errorCode, errorString):
        if 2100 <= errorCode < 2200:
            return
        self.errors.append(errorCode)
        if errorCode not in EXPECTED:
            self.problems.append(f"{errorCode} {errorString}")
        self.came[errorCode].set()

    def nextValidId(self, orderId):
        self.next_id = orderId
        self.came["start"].set()

    def contractDetails(self, reqId, contractDetails):
        self.details[reqId] = contractDetails.contract

    def contractDetailsEnd(self, reqId):
        self.came["details", reqId].set()

    def openOrder(self, orderId, contract, order, orderState):
        if order.whatIf:
            self.states.append(orderState)
            self.came["what if", len(self.states)].set()
            return
        self.perm_ids.add(order.permId)
        self.live.append(order.orderRef)

    def openOrderEnd(self):
        self.came["open orders"].set()

    def orderStatus(self, orderId, status, filled, remaining, avgFillPrice, permId, parentId, *_more):
        self.statuses[orderId] = [filled, remaining, avgFillPrice]
        self.came[orderId, status].set()

    def execDetails(self, reqId, contract, execution):
        (self.fills if reqId == -1 else self.asked).append((contract, execution))

    def execDetailsEnd(self, reqId):
        self.came["executions"].set()

    def commissionReport(self, commissionReport):
        self.commissions[commissionReport.execId] = commissionReport.commission
        self.came["commissions", len(self.commissions)].set()

    def completedOrder(self, contract, order, orderState):
        self.completed[order.permId] = orderState.status

    def completedOrdersEnd(self):
        self.came["completed"].set()


def contract(symbol, kind, expiration="", strike=0.0, right=""):
    made = Contract()
    made.symbol, made.secType, made.exchange, made.currency = symbol, kind, "SMART", "USD"
    made.lastTradeDateOrContractMonth, made.strike, made.right = expiration, strike, right
    return made


def leg(of, action):
    made = ComboLeg()
    made.conId, made.ratio, made.action, made.exchange = of.conId, 1, action, "SMART"
    return made


def order(quantity, price, reference, **terms):
    made = Order()
    made.action, made.orderType, made.totalQuantity = "BUY", "LMT", quantity
    made.lmtPrice, made.orderRef = price, reference
    for name, value in terms.items():
        setattr(made, name, value)
    return made


def main(port, symbol, expiration, strike):
    client = Client()
    client.connect("127.0.0.1", port, CLIENT)
    reader = threading.Thread(target=client.run, daemon=True)
    reader.start()
    client.wait("start")
    for number, at in enumerate((strike, strike + 5)):
        client.reqContractDetails(number, contract(symbol, "OPT", expiration, at, "C"))
        client.wait(("details", number))
    spread = contract(symbol, "BAG")
    spread.comboLegs = [leg(client.details[0], "BUY"), leg(client.details[1], "SELL")]
    asked, bought, resting = range(client.next_id, client.next_id + 3)
    client.placeOrder(asked, spread, order(2, 4.5, "", whatIf=True))
    client.wait(("what if", 2))
    client.placeOrder(bought, spread, order(2, 4.5, "combo"))
    client.wait((bought, "Filled"))
    client.wait(("commissions", 2))
    client.placeOrder(resting, client.details[0], order(1, 0.01, "resting", tif="GTC"))
    client.wait((resting, "Submitted"))
    client.live.clear()
    client.reqOpenOrders()
    client.wait("open orders")
    live = list(client.live)
    client.cancelOrder(resting)
    client.wait((resting, "Cancelled"))
    client.wait(202)
    wanted = ExecutionFilter()
    wanted.clientId = CLIENT
    client.reqExecutions(5, wanted)
    client.wait("executions")
    client.reqCompletedOrders(True)
    client.wait("completed")
    filled, remaining, price = client.statuses[bought]
    client.disconnect()
    reader.join(DEADLINE)
    first, second = client.states
    return {
        "margin": [float(second.initMarginChange), second.commission],
        "unset": first.initMarginChange,
        "status": [filled, remaining],
        "price": price,
        "fills": [[c.secType, e.side, e.shares, e.execId[-6:]] for c, e in client.fills],
        "leg_prices": [e.price for _, e in client.fills],
        "commissions": sorted(client.commissions.get(e.execId, 0) for _, e in client.fills),
        "live": live,
        "executions": sorted(e.execId[-6:] for _, e in client.asked),
        "references": sorted({e.orderRef for _, e in client.asked}),
        "completed": sorted(client.completed[number] for number in client.perm_ids),
        "errors": sorted(client.errors),
        "problems": client.problems,
    }


if __name__ == "__main__":
    _, port, symbol, expiration, strike = sys.argv
    print(json.dumps(main(int(port), symbol, expiration, float(strike))))
