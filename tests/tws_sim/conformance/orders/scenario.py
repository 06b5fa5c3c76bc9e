"""What every client does: the orders of a day, in a market that stands still until the scenario moves it."""

from dataclasses import dataclass, field
from typing import Any

from tests.tws_sim.conformance.orders.driven import Driven, Event
from tests.tws_sim.orders.floor import SetMarket
from tws_sim.market.quote import Quote
from tws_sim.orders.order import BAG_CON_ID

SHOWN = 2  # units that each side of each leg shows


@dataclass
class Scenario:
    """A client, the market it trades in, and two calls of that market by name: the lower strike first."""

    client: Driven
    market: SetMarket
    legs: dict[str, int]
    asks_for_completed: bool = True
    listed: list[str] = field(default_factory=list)  # live orders on request

    async def play(self) -> None:
        """All of it."""
        self.quote("low", 5.00, 5.10)
        self.quote("high", 2.00, 2.10)
        await self.preview()
        await self.fill_in_two_parts()
        await self.sell_one_for_a_credit()
        await self.change_and_cancel()
        await self.one_cancels_the_other()
        await self.bracket()
        await self.cancel_everything()
        await self.client.ask("executions")
        if self.asks_for_completed:
            await self.client.ask("completedOrders")

    async def preview(self) -> None:
        """What the spread would mean to the account, and what its opposite, which is sold for a credit."""
        self.place("debit", "spread", 3.10, totalQuantity=3, whatIf=True)
        await self.client.until("previewed", lambda: len(self.told("debit", "whatIf")) == 2)
        self.place("credit", "opposite", -2.90, totalQuantity=3, whatIf=True)
        await self.client.until("previewed", lambda: len(self.told("credit", "whatIf")) == 2)

    async def fill_in_two_parts(self) -> None:
        """Three spreads where the market shows two."""
        self.place("combo", "spread", 3.10, totalQuantity=3)
        await self.heard("combo", "Filled")

    async def sell_one_for_a_credit(self) -> None:
        """Bought at a negative price, as TWS has it."""
        self.place("sold", "opposite", -2.90)
        await self.heard("sold", "Filled")

    async def change_and_cancel(self) -> None:
        """A limit below the market rests, is raised, is listed, and is cancelled."""
        self.place("resting", "spread", 2.50)
        await self.heard("resting", "Submitted")
        self.place("resting", "spread", 2.55)
        await self.client.until("changed", lambda: 2.55 in self.told("resting", "lmtPrice"))
        answer = await self.client.ask("openOrders")
        self.listed = [one["order"]["orderRef"] for one in answer if one["kind"] == "openOrder"]
        self.client.tell("cancel", name="resting")
        await self.cancelled("resting")

    async def one_cancels_the_other(self) -> None:
        """Of two orders of a group one is executed."""
        group = {"ocaGroup": "either", "ocaType": 1}
        self.place("waiting", "low", 4.00, **group)
        await self.heard("waiting", "Submitted")
        self.place("taken", "low", 5.10, **group)
        await self.heard("taken", "Filled")
        await self.cancelled("waiting")

    async def bracket(self) -> None:
        """An entry with a profit taker and a stop, sent with the last of them; then the market rises."""
        exit_ = {"action": "SELL", "parent": "entry"}
        self.place("entry", "spread", 3.10, transmit=False)
        self.place("profit", "spread", 3.60, **exit_, transmit=False)
        self.place("stop", "spread", 0, **exit_, orderType="STP", auxPrice=2.00)
        await self.heard("entry", "Filled")
        await self.heard("profit", "Submitted")
        await self.heard("stop", "PreSubmitted", whyHeld="trigger")
        self.quote("low", 6.00, 6.10)
        await self.heard("profit", "Filled")
        await self.cancelled("stop")

    async def cancel_everything(self) -> None:
        """Two orders at once."""
        self.place("far", "spread", 1.00, tif="GTC")
        self.place("farther", "high", 0.50)
        await self.heard("far", "Submitted")
        await self.heard("farther", "Submitted")
        self.client.tell("globalCancel")
        await self.cancelled("far", "farther")

    def quote(self, name: str, bid: float, ask: float) -> None:
        """Set the market of a leg."""
        self.market.set[self.legs[name]] = Quote(bid, SHOWN, ask, SHOWN)

    def place(self, name: str, of: str, limit: float, parent: str | None = None, **terms: object) -> None:
        """Place an order, or change it: a limit order to buy one unless the terms say otherwise."""
        order = {"orderRef": name, "action": "BUY", "orderType": "LMT", "lmtPrice": limit}
        order |= {"totalQuantity": 1, "tif": "DAY", "transmit": True, **terms}
        self.client.tell("place", contract=self.contract(of), order=order, parent=parent)

    def contract(self, name: str) -> dict[str, Any]:
        """A leg, the call spread, or its opposite, as clients describe it."""
        common = {"symbol": "SPY", "exchange": "SMART", "currency": "USD"}
        if name in self.legs:
            return {**common, "secType": "OPT", "conId": self.legs[name]}
        sides = ("BUY", "SELL") if name == "spread" else ("SELL", "BUY")
        legs = [
            {"conId": leg, "ratio": 1, "action": side, "exchange": "SMART"}
            for leg, side in zip(self.legs.values(), sides, strict=True)
        ]
        return {**common, "secType": "BAG", "comboLegs": legs}

    def name(self, contract: Event) -> str:
        """The name of a contract in an event."""
        names = {number: name for name, number in self.legs.items()} | {BAG_CON_ID: "combination"}
        return names[contract["conId"]]

    def orders(self) -> dict[int, str]:
        """Orders by their clients' numbers, as far as they were told of."""
        return {one["id"]: one["order"]["orderRef"] for one in self.client.of("openOrder")}

    def told(self, name: str, term: str) -> list[object]:
        """A term of an order in every message that has it."""
        orders = [one["order"] for one in self.client.of("openOrder")]
        return [order[term] for order in orders if order["orderRef"] == name]

    async def heard(self, name: str, status: str, **more: object) -> None:
        """Wait for an order's status."""
        wanted = {"status": status, **more}.items()

        def came() -> bool:
            orders, told = self.orders(), self.client.of("orderStatus")
            return any(orders.get(one["id"]) == name and wanted <= one.items() for one in told)

        await self.client.until(f"{name} {status}", came)

    async def cancelled(self, *names: str) -> None:
        """Wait for orders' ends, and for the error that follows each."""

        def came() -> bool:
            orders, told = self.orders(), self.client.of("error")
            return {*names} <= {orders.get(one["id"]) for one in told if one["code"] == 202}

        for name in names:
            await self.heard(name, "Cancelled")
        await self.client.until(f"error 202 of {names}", came)
