"""An ib_insync client, unmodified, that trades in a market which the test moves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar

import ib_insync as ibi
from ib_insync.client import Client

from tests.tws_sim.wire_client import DEADLINE, Bench, bench, synthetic
from tws_sim.clock import Clock, VirtualClock
from tws_sim.gateway import Settings
from tws_sim.market.quote import Quote
from tws_sim.market.synthetic.market import SyntheticMarket
from tws_sim.orders.order import Order
from tws_sim.orders.settings import OrderSettings
from tws_sim.wire.framing import split_fields

EXPIRY = "20261218"
T = TypeVar("T")


class SetMarket(SyntheticMarket):
    """The synthetic market with quotes that a test has set, by contract id."""

    def __init__(self, clock: Clock) -> None:
        made = synthetic(clock)
        self.__dict__.update(made.__dict__)
        self.set: dict[int, Quote] = {}

    def quotes(self, rows: list[int]) -> list[Quote]:  # type: ignore[override]  # a list is what is passed
        found = super().quotes(rows)
        ids = [self.listing.instruments[row].con_id for row in rows]
        return [self.set.get(con_id, quote) for con_id, quote in zip(ids, found, strict=True)]


class Floor:
    """A gateway, its market, and what its first client has heard."""

    def __init__(self, bench: Bench, market: SetMarket) -> None:
        self.bench = bench
        self.market = market
        self.engine = bench.gateway.orders

    @asynccontextmanager
    async def trader(self, number: int = 1) -> AsyncIterator["Trader"]:
        one = Trader(self, number)
        await one.ib.connectAsync("127.0.0.1", self.bench.port, clientId=number, timeout=4)
        try:
            yield one
        finally:
            one.ib.disconnect()

    def quote(self, contract: ibi.Contract, bid: float | None, ask: float, size: int = 1000) -> None:
        """Set a contract's market."""
        self.market.set[contract.conId] = Quote(bid, size if bid else 0, ask, size)

    async def settle(self, seconds: float = 1.0) -> None:
        """Let time pass in steps, and all that is sent arrive."""
        for _ in range(round(seconds / 0.125)):
            await self.bench.pass_time(0.125)

    def held(self) -> dict[int, int]:
        """The account's positions by contract id."""
        return {one.item.con_id: one.quantity for one in self.bench.gateway.account.positions()}

    def order(self, trade: ibi.Trade) -> Order:
        return self.engine.book.orders[trade.order.permId]


class Trader:
    """A connected client with two strikes to trade."""

    def __init__(self, floor: Floor, number: int) -> None:
        self.floor = floor
        self.number = number
        self.ib = ibi.IB()
        self.errors: list[tuple[int, int]] = []
        self.ib.errorEvent += lambda request, code, text, contract: self.errors.append((request, code))

    async def option(self, strike: float, right: str = "C") -> ibi.Contract:
        contract = ibi.Option("SPY", EXPIRY, strike, right, "SMART", currency="USD")
        await within(self.ib.qualifyContractsAsync(contract))
        return contract

    async def settle(self, seconds: float = 1.0) -> None:
        """Let the gateway take what was sent, time pass, and the answers arrive."""
        await within(self.ib.reqCurrentTimeAsync())
        await self.floor.settle(seconds)
        await within(self.ib.reqCurrentTimeAsync())

    async def place(self, contract: ibi.Contract, order: ibi.Order, seconds: float = 1.0) -> ibi.Trade:
        trade = self.ib.placeOrder(contract, order)
        await self.settle(seconds)
        return trade

    def codes(self) -> list[int]:
        return [code for _, code in self.errors if code not in {2104, 2106, 2158}]


def bag(*legs: tuple[ibi.Contract, int]) -> ibi.Bag:
    """A combination of contracts, sold where the ratio is negative."""
    made = [ibi.ComboLeg(of.conId, abs(ratio), "BUY" if ratio > 0 else "SELL", "SMART") for of, ratio in legs]
    return ibi.Bag(symbol=legs[0][0].symbol, exchange="SMART", currency="USD", comboLegs=made)


def sent(contract: ibi.Contract, order: ibi.Order, version: int) -> list[str]:
    """The fields of placeOrder after its message and its number."""
    messages: list[str] = []
    client = Client(ibi.IB().wrapper)
    client._serverVersion = version
    client.isConnected = lambda: True
    client.sendMsg = messages.append
    client.placeOrder(17, contract, order)
    fields = split_fields(messages[0].encode())
    assert fields[:2] == ["3", "17"]
    return fields[2:]


def states(trade: ibi.Trade) -> list[str]:
    """The states an order has come to, in their order."""
    found: list[str] = []
    for entry in trade.log:
        if not found or found[-1] != entry.status:
            found.append(entry.status)
    return found


async def within(answer: Awaitable[T]) -> T:
    async with asyncio.timeout(DEADLINE):
        return await answer


@asynccontextmanager
async def floor(settings: Settings | None = None, **orders: object) -> AsyncIterator[Floor]:
    """A gateway whose clock and market are the test's; order settings by name."""
    made: list[SetMarket] = []

    def market(clock: VirtualClock) -> SetMarket:
        made.append(SetMarket(clock))
        return made[0]

    chosen = replace(settings or Settings(message_rate=10_000), orders=OrderSettings(**orders))  # type: ignore[arg-type]  # by name
    async with bench(chosen, market) as one:
        yield Floor(one, made[0])
