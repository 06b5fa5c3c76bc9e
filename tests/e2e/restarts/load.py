"""Everything that clients do at once, and what must be true of it in the end."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from spreadmesh.order.v1.order_pb2 import OrderState
from spreadmesh_client import OrdersClient, connect
from spreadmesh_client.orders.decimals import to_decimal

from tests.e2e.following import Followed, FollowedQuotes
from tests.e2e.order_faults.oracle import violations
from tests.e2e.restarts.deployment import Deployment
from tests.e2e.restarts.rankings import Scanning
from tests.e2e.restarts.trading import Trading, WatchedOrders
from tests.known_market import SYMBOL, two_calls

FIRST_SECONDS: Final = 60.0
SETTLE_SECONDS: Final = 30.0
QUOTED: Final = 20
"""Contracts that a program follows by itself."""


@asynccontextmanager
async def running(*work: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """All of it goes on inside the block; what fails before its end fails the block."""
    async with asyncio.TaskGroup() as tasks:
        begun = [tasks.create_task(each) for each in work]
        yield
        for task in begun:
            task.cancel()


@dataclass(frozen=True)
class Load:
    """Readers, and programs that trade."""

    orders: OrdersClient
    scanning: Scanning
    quotes: FollowedQuotes
    watched: list[WatchedOrders]
    trading: list[Trading]

    @property
    def readers(self) -> list[Followed]:
        """Of quotes and rankings."""
        return [self.quotes, *self.scanning.readers]

    async def until_flagged(self, since: float, within: float) -> float:
        """Seconds from `since` until every reader knew that what it has is stale."""
        return max([await reader.until_flagged(since, within) for reader in self.readers])

    async def until_fresh(self, since: float, within: float) -> float:
        """Seconds from `since` until all was fresh again for every reader."""
        return max([await reader.until_fresh(since, within) for reader in self.readers])

    async def until_traded(self, since: float, within: float) -> float:
        """Seconds from `since` until every program has ended the order under way and two more."""
        async with asyncio.timeout(within):
            await asyncio.gather(*(program.until_ended(3) for program in self.trading))
        return time.monotonic() - since


@asynccontextmanager
async def under_load(mesh: Deployment) -> AsyncIterator[Load]:
    """Clients stream and trade inside the block; behind it every order has ended as the broker says."""
    async with connect(market=mesh.market.address, scan=mesh.service.target) as client:
        watched = [WatchedOrders() for _ in range(2)]
        trading = [Trading(client.orders, each, two_calls()) for each in watched]
        con_ids = [one.con_id for one in (await client.market.get_option_chain(SYMBOL)).contracts[:QUOTED]]
        load = Load(
            client.orders, Scanning(client, streams=3, watches=1), FollowedQuotes(con_ids), watched, trading
        )
        watching = [each.follow(client.orders.watch()) for each in watched]
        quotes = load.quotes.follow(client.market.stream_quotes(con_ids))
        async with running(load.scanning.run(), quotes, *watching):
            await load.until_fresh(time.monotonic(), FIRST_SECONDS)
            async with asyncio.TaskGroup() as programs:
                for program in trading:
                    programs.create_task(program.run())
                yield load
                for program in trading:
                    program.finish()
            await check_orders(mesh, client.orders, load)


async def check_orders(mesh: Deployment, orders: OrdersClient, load: Load) -> None:
    """Orders, trades and positions are the broker's, and no event was lost or told twice."""
    names = [name for program in load.trading for name in program.names]
    async with asyncio.timeout(SETTLE_SECONDS):
        while found := await violated(mesh, orders, names):
            print(*found, sep="\n")
    states = {(await orders.get(name)).state for name in names}
    assert states >= {OrderState.ORDER_STATE_FILLED, OrderState.ORDER_STATE_CANCELLED}
    for watched in load.watched:
        assert watched.sequences == await watched.told_again(orders)


async def violated(mesh: Deployment, orders: OrdersClient, names: list[str]) -> list[str]:
    """Which invariants of orders do not hold (yet: commissions come last), each with its order."""
    ledger = await asyncio.to_thread(mesh.ledger)
    executions = await orders.executions()
    held = {one.con_id: to_decimal(one.quantity) for one in (await orders.positions()).positions}
    positions = {con_id: quantity for con_id, quantity in held.items() if quantity}
    return [
        f"{name}: {what}"
        for name in names
        for what in violations(name, ledger, await orders.get(name), executions, positions)
    ]
