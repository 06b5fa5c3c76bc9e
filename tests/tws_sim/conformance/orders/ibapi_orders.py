# ruff: noqa: N802, N803 - the names of callbacks and their arguments are ibapi's
"""Does with IB's own ibapi what the commands on standard input say, and prints what it is told."""

import json
import sys
import threading

from ibapi.client import EClient
from ibapi.contract import ComboLeg, Contract
from ibapi.execution import ExecutionFilter
from ibapi.order import Order
from ibapi.wrapper import EWrapper

DEADLINE, LIVE = 10, -1


def tell(kind, **what):
    print(json.dumps({"kind": kind, **what}), flush=True)


def filled_in(made, values):
    for name, value in values.items():
        setattr(made, name, value)
    return made


class Client(EWrapper, EClient):
    def __init__(self, fields):
        EClient.__init__(self, self)
        self.fields = fields
        self.started = threading.Event()
        self.known = {}

    def picked(self, kind, of):
        return {name: getattr(of, name) for name in self.fields[kind]}

    def described(self, contract):
        legs = [self.picked("leg", leg) for leg in contract.comboLegs or []]
        return {**self.picked("contract", contract), "comboLegs": legs}

    def nextValidId(self, orderId):
        self.next_id = orderId
        self.started.set()

    def openOrder(self, orderId, contract, order, orderState):
        self.told("openOrder", contract, order, orderState, orderId)

    def completedOrder(self, contract, order, orderState):
        self.told("completedOrder", contract, order, orderState)

    def told(self, kind, contract, order, state, number=0):
        parts = {"order": self.picked("order", order), "state": self.picked("state", state)}
        tell(kind, id=number, contract=self.described(contract), **parts)

    def openOrderEnd(self):
        tell("end", of="openOrders")

    def completedOrdersEnd(self):
        tell("end", of="completedOrders")

    def orderStatus(self, orderId, status, filled, remaining, avgFillPrice, *more):
        perm_id, _parent, last_price, _client, held_by, _cap_price = more
        progress = {"filled": filled, "remaining": remaining, "avgFillPrice": avgFillPrice}
        progress |= {"lastFillPrice": last_price, "permId": perm_id, "whyHeld": held_by}
        tell("orderStatus", id=orderId, status=status, **progress)

    def execDetails(self, reqId, contract, execution):
        parts = self.picked("execution", execution)
        tell("execDetails", live=reqId == LIVE, contract=self.described(contract), execution=parts)

    def execDetailsEnd(self, reqId):
        tell("end", of="executions")

    def commissionReport(self, commissionReport):
        tell("commissionReport", **self.picked("report", commissionReport))

    def position(self, account, contract, position, avgCost):
        tell("position", contract=self.described(contract), position=position, avgCost=avgCost)

    def updatePortfolio(self, contract, position, marketPrice, _value, averageCost, _unrealized, *more):
        realized, _account = more
        terms = {"marketPrice": marketPrice, "averageCost": averageCost, "realizedPNL": realized}
        tell("holding", contract=self.described(contract), position=position, **terms)

    def updateAccountValue(self, key, val, currency, accountName):
        tell("accountValue", tag=key, value=val)

    def accountDownloadEnd(self, accountName):
        tell("end", of="start")

    def error(self, reqId, errorCode, errorString):
        tell("error", id=reqId, code=errorCode, text=errorString)

    def do(self, command):
        match command["do"]:
            case "place":
                self.place(command["contract"], command["order"], command.get("parent"))
            case "cancel":
                self.cancelOrder(self.known[command["name"]])
            case "globalCancel":
                self.reqGlobalCancel()
            case "openOrders":
                self.reqOpenOrders()
            case "executions":
                self.reqExecutions(1, ExecutionFilter())
            case "completedOrders":
                self.reqCompletedOrders(True)

    def place(self, described, terms, parent):
        """A what-if, a new order, or new terms for one that is known."""
        legs = [filled_in(ComboLeg(), leg) for leg in described.pop("comboLegs", [])]
        contract = filled_in(Contract(), {**described, "comboLegs": legs or None})
        order = filled_in(Order(), terms)
        order.parentId = self.known[parent] if parent else 0
        if order.orderRef not in self.known:
            self.known[order.orderRef] = self.next_id
            self.next_id += 1
        self.placeOrder(self.known[order.orderRef], contract, order)


def main(port, fields):
    client = Client(fields)
    client.connect("127.0.0.1", port, 9)
    reader = threading.Thread(target=client.run, daemon=True)
    reader.start()
    if not client.started.wait(DEADLINE):
        raise SystemExit("no order id came")
    client.reqPositions()
    client.reqAccountUpdates(True, "")
    for line in sys.stdin:
        client.do(json.loads(line))
    client.disconnect()
    reader.join(DEADLINE)


if __name__ == "__main__":
    _, port, fields = sys.argv
    main(int(port), json.loads(fields))
