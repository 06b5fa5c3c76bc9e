"""ib_insync, unmodified, as the client that meets the faults."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import TypeVar

from ib_insync import IB, Contract, Option, Stock, Ticker

from tests.tws_sim.wire_client import DEADLINE, Bench, synthetic
from tests.tws_sim.wire_client import bench as wire_bench
from tws_sim.gateway import Settings

STEP = 0.125  # exact in binary: many of them are whole seconds
SHARE = Stock("SPY", "SMART", "USD", conId=756733)


def option(strike: float = 590) -> Option:
    return Option("SPY", "20261218", strike, "C", "SMART", currency="USD")


class Client:
    """A connected IB object, and all it has been told."""

    def __init__(self, bench: Bench, number: int) -> None:
        self.bench = bench
        self.number = number
        self.ib = IB()
        self.told: list[tuple[int, int]] = []
        self.ends: list[str] = []
        self.ticks: Counter[int] = Counter()
        self.ib.errorEvent += lambda request, code, text, contract: self.told.append((request, code))
        self.ib.client.apiError += self.ends.append
        self.ib.pendingTickersEvent += self._tick

    def _tick(self, tickers: set[Ticker]) -> None:
        self.ticks.update(tick.tickType for ticker in tickers for tick in ticker.ticks)

    async def connect(self) -> None:
        await self.ib.connectAsync("127.0.0.1", self.bench.port, clientId=self.number, timeout=4)

    async def watch(self, contract: Contract, generic: str = "") -> Ticker:
        ticker = self.ib.reqMktData(contract, generic)
        await self.settle()
        return ticker

    async def settle(self) -> None:
        """All that the gateway has sent has arrived; a request it answers itself comes last."""
        await within(self.ib.reqCurrentTimeAsync())

    async def ticks_within(self, seconds: float = 1.0) -> int:
        """Ticks in market time to come."""
        self.ticks.clear()
        for _ in range(round(seconds / STEP)):
            await self.bench.pass_time(STEP)
        await self.settle()
        return self.ticks.total()

    def codes(self) -> list[int]:
        """Error codes so far, without the farms' greetings."""
        return [code for _, code in self.told if code not in {2104, 2106, 2158}]

    async def hears(self, code: int) -> None:
        await self.bench.eventually(lambda: code in [each for _, each in self.told])

    async def ended(self) -> None:
        await self.bench.eventually(lambda: not self.ib.isConnected())


T = TypeVar("T")


async def within(answer: Awaitable[T]) -> T:
    async with asyncio.timeout(DEADLINE):
        return await answer


@asynccontextmanager
async def client(bench: Bench, number: int = 1) -> AsyncIterator[Client]:
    """A client that has synchronised."""
    one = Client(bench, number)
    await one.connect()
    try:
        yield one
    finally:
        one.ib.disconnect()


@asynccontextmanager
async def gateway(settings: Settings | None = None, ticks_per_second: float = 1000) -> AsyncIterator[Bench]:
    """A gateway whose clock stands still; a message rate that allows for that."""
    rate = Settings(message_rate=10_000)
    async with wire_bench(settings or rate, lambda clock: synthetic(clock, rate=ticks_per_second)) as bench:
        yield bench
