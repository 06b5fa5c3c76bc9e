"""A trader, what it is told message by message, and the faults of its broker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import ib_insync as ibi

from tests.tws_sim.orders.floor import Floor, Trader, bag, floor

MESSAGES = {"3": "orderStatus", "5": "openOrder", "11": "execDetails", "59": "commissionReport", "4": "error"}


class Told:
    """Names of the messages about orders, in the order of their arrival, with the fields of each."""

    def __init__(self, ib: ibi.IB) -> None:
        self.messages: list[list[str]] = []
        decoder = ib.client.decoder
        interpret = decoder.interpret

        def tapped(fields: list[str]) -> None:
            if fields[0] in MESSAGES and fields[:3] != ["4", "2", "-1"]:
                self.messages.append(list(fields))
            interpret(fields)

        decoder.interpret = tapped

    def names(self) -> list[str]:
        return [MESSAGES[fields[0]] for fields in self.messages]

    def forget(self) -> None:
        self.messages.clear()


class Desk:
    """A trader in a market of one call at 9.90 to 10.10 and one, ten strikes higher, at 5.00 to 5.10."""

    def __init__(self, market: Floor, one: Trader, low: ibi.Contract, high: ibi.Contract) -> None:
        self.market = market
        self.one = one
        self.ib = one.ib
        self.low = low
        self.high = high
        self.spread = bag((low, -1), (high, 1))
        self.told = Told(one.ib)

    async def strike(self, name: str, /, **options: object) -> None:
        await self.market.bench.gateway.faults.inject(name, **options)

    async def lift(self) -> None:
        await self.market.bench.gateway.faults.lift()

    async def buy(self, quantity: int = 1, limit: float = 10.50, seconds: float = 1.0) -> ibi.Trade:
        order = ibi.LimitOrder("BUY", quantity, limit, orderRef="mine")
        return await self.one.place(self.low, order, seconds)

    def live(self) -> list[str]:
        """References of the orders that live at the broker."""
        return [order.ticket.text("orderRef") for order in self.market.engine.book.live()]

    def held(self) -> dict[int, int]:
        positions = self.market.bench.gateway.account.positions()
        return {held.item.con_id: held.quantity for held in positions}


@asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    async with floor() as market, market.trader() as one:
        low, high = await one.option(590), await one.option(600)
        market.quote(low, 9.90, 10.10)
        market.quote(high, 5.00, 5.10)
        yield Desk(market, one, low, high)
