"""The simulator and a server's link to it in one process, both on the loop's time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ibkr_server.account.feed import AccountFeed
from ibkr_server.gateway.order_broker import GatewayBroker
from ibkr_server.market import Market
from ibkr_server.settings import IbkrSettings
from tests.ibkr_server.gateway.scripted import Heard, until
from tests.tws_sim.wire_client import START
from tws_sim.gateway import Gateway, Settings
from tws_sim.market.synthetic.market import SyntheticMarket
from tws_sim.server import feeding, tws_port


class LoopTime:
    """The clock of the simulator."""

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass
class Floor:
    """Both ends, and what was heard."""

    gateway: Gateway
    market: Market
    broker: GatewayBroker
    heard: Heard


@asynccontextmanager
async def floor(settings: Settings | None = None) -> AsyncIterator[Floor]:
    """A broker in session with the simulator."""
    loop = asyncio.get_running_loop()
    asyncio.set_event_loop(loop)  # ib_insync asks the policy, not the running loop
    clock = LoopTime()
    world = SyntheticMarket(("SPY",), 1, clock, START, ticks_per_second=50.0)
    gateway = Gateway(world, settings or Settings(), clock)
    async with tws_port(gateway, "127.0.0.1", 0) as address, feeding(gateway):
        port = int(address.rpartition(":")[2])
        market = Market(IbkrSettings(tws_port=port), clock=loop.time)
        broker, heard = GatewayBroker(market.link, lambda _con_id: "SPY"), Heard()
        broker.listen(heard)
        feed = AccountFeed(market.link, market.watching_state)
        running = [asyncio.create_task(market.run()), asyncio.create_task(feed.run())]
        try:
            both = Floor(gateway, market, broker, heard)
            await until(lambda: market.ready)
            yield both
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
