"""Does with ib_insync or ib_async what the commands on standard input say, and prints what it is told."""

import asyncio
import json
import logging
import sys
from importlib import import_module
from typing import Any

DEADLINE = 10
# Both log every cancelled order, as a warning or as an error; those of the errors are told anyway.
LOGGED = ("Canceled order", "Error 202,")


def tell(kind: str, **what: object) -> None:
    print(json.dumps({"kind": kind, **what}), flush=True)


class Client:
    def __init__(self, library: str, fields: dict[str, list[str]]) -> None:
        self.library: Any = import_module(library)
        self.fields = fields
        self.ib = self.library.IB()
        self.known: dict[str, tuple[Any, Any]] = {}
        handler = logging.Handler(logging.WARNING)
        handler.emit = lambda record: self.logged(record.getMessage())  # type: ignore[method-assign]  # all it does
        logging.getLogger(library).addHandler(handler)

    def logged(self, text: str) -> None:
        if not text.startswith(LOGGED):
            tell("problem", text=text)

    def picked(self, kind: str, of: Any) -> dict[str, object]:
        return {name: getattr(of, name) for name in self.fields[kind]}

    def contract(self, of: Any) -> dict[str, object]:
        legs = [self.picked("leg", leg) for leg in of.comboLegs or []]
        return {**self.picked("contract", of), "comboLegs": legs}

    def listen(self) -> None:
        ib, wrapper = self.ib, self.ib.wrapper
        opened, completed = wrapper.openOrder, wrapper.completedOrder

        def told(kind: str, contract: Any, order: Any, state: Any, number: int = 0) -> None:
            parts = {"order": self.picked("order", order), "state": self.picked("state", state)}
            tell(kind, id=number, contract=self.contract(contract), **parts)

        def open_order(number: int, contract: Any, order: Any, state: Any) -> None:
            told("openOrder", contract, order, state, number)
            opened(number, contract, order, state)

        def completed_order(contract: Any, order: Any, state: Any) -> None:
            told("completedOrder", contract, order, state)
            completed(contract, order, state)

        wrapper.openOrder, wrapper.completedOrder = open_order, completed_order
        ib.orderStatusEvent += lambda trade: tell(
            "orderStatus", id=trade.order.orderId, **self.picked("status", trade.orderStatus)
        )
        ib.execDetailsEvent += lambda _trade, fill: self.execution(fill, live=True)
        ib.commissionReportEvent += lambda _trade, _fill, report: tell(
            "commissionReport", **self.picked("report", report)
        )
        ib.positionEvent += lambda one: tell(
            "position", contract=self.contract(one.contract), position=one.position, avgCost=one.avgCost
        )
        ib.updatePortfolioEvent += lambda one: tell(
            "holding", contract=self.contract(one.contract), **self.picked("holding", one)
        )
        ib.accountValueEvent += lambda one: tell("accountValue", tag=one.tag, value=one.value)
        ib.errorEvent += lambda number, code, text, _contract: tell("error", id=number, code=code, text=text)

    def execution(self, fill: Any, *, live: bool) -> None:
        parts = self.picked("execution", fill.execution)
        tell("execDetails", live=live, contract=self.contract(fill.contract), execution=parts)

    async def do(self, command: dict[str, Any]) -> None:
        ib = self.ib
        match command["do"]:
            case "place":
                await self.place(command["contract"], command["order"], command.get("parent"))
            case "cancel":
                ib.cancelOrder(self.known[command["name"]][1])
            case "globalCancel":
                ib.reqGlobalCancel()
            case "openOrders":
                await ib.reqOpenOrdersAsync()
                tell("end", of="openOrders")
            case "executions":
                for fill in await ib.reqExecutionsAsync():
                    self.execution(fill, live=False)
                tell("end", of="executions")
            case "completedOrders":
                await ib.reqCompletedOrdersAsync(True)
                tell("end", of="completedOrders")

    async def place(self, described: dict[str, Any], terms: dict[str, Any], parent: str | None) -> None:
        """A what-if, a new order, or new terms for one that is known."""
        name = terms["orderRef"]
        legs = [self.library.ComboLeg(**leg) for leg in described.pop("comboLegs", [])]
        made = self.library.Contract.create(**described, comboLegs=legs)
        contract, order = self.known.setdefault(name, (made, self.library.Order()))
        for field, value in terms.items():
            setattr(order, field, value)
        if order.whatIf:
            await self.ib.whatIfOrderAsync(contract, order)
            return
        order.parentId = self.known[parent][1].orderId if parent else 0
        self.ib.placeOrder(contract, order)


async def main(library: str, port: int, fields: dict[str, list[str]]) -> None:
    client = Client(library, fields)
    client.listen()
    await client.ib.connectAsync("127.0.0.1", port, clientId=7, timeout=DEADLINE)
    tell("end", of="start")
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(commands), sys.stdin
    )
    while line := await commands.readline():
        await asyncio.wait_for(client.do(json.loads(line)), DEADLINE)
    client.ib.disconnect()


if __name__ == "__main__":
    _, library, port, fields = sys.argv
    asyncio.run(main(library, int(port), json.loads(fields)))
