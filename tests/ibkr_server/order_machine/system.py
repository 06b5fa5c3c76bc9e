"""Simulator and order desk, whole, in one process and on virtual time."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from ibkr_server.desk.ports import Placement
from ibkr_server.journal.journal import Journal
from ibkr_server.market import Market
from ibkr_server.orders.spec import OrderLeg, OrderSpec, OrderType
from ibkr_server.settings import IbkrSettings
from ibkr_server.trading import Trading
from mesh.access.roles import Caller, Role
from mesh.errors import MeshError
from tests.known_market import START, known_market, two_calls
from tests.virtual_time import VirtualLoop
from tws_sim.gateway import Gateway, Settings
from tws_sim.orders.ledger import ledger
from tws_sim.orders.settings import OrderSettings
from tws_sim.server import feeding, tws_port

T = TypeVar("T")
CALLER = Caller("machine", Role.OPERATOR)
LIMITS = "*: max_quantity=10, orders_per_10s=1000, max_loss=1000000, live_orders=100, collar_percent=1000"


class LoopClock:
    """The loop's time, as the simulator's clock."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def monotonic(self) -> float:
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class System:
    """Both ends. What is asked of it runs on its own loop; between two calls no time passes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loop = VirtualLoop()
        asyncio.set_event_loop(self._loop)
        self._began = self._loop.time()
        self._tasks: set[asyncio.Task[Any]] = set()
        self.restarts = 0
        self.run(self._open())
        self.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it, and let time pass for as long as it takes."""
        return self._loop.run_until_complete(asyncio.wait_for(work, 600))

    def background(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Let it begin; it goes on whenever time passes."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def pass_time(self, seconds: float) -> None:
        self.run(asyncio.sleep(seconds))

    async def _open(self) -> None:
        market = known_market(LoopClock(self._loop), ticks_per_second=5.0, liveliness=1.0)
        exchange = OrderSettings(ack_delay=0.05, fill_delay=0.2)
        self.gateway = Gateway(market, Settings(orders=exchange), LoopClock(self._loop))
        serving: asyncio.Future[str] = self._loop.create_future()
        self._exchange = self._loop.create_task(self._serve(serving))
        self._settings = IbkrSettings(
            tws_port=int((await serving).rpartition(":")[2]),
            journal=self._folder / "orders.db",
            trading="enabled",
            risk_limits=LIMITS,
            require_preview=False,
            ack_seconds=1.0,
        )

    async def _serve(self, serving: "asyncio.Future[str]") -> None:
        async with tws_port(self.gateway, "127.0.0.1", 0) as address, feeding(self.gateway):
            serving.set_result(address)
            await self._loop.create_future()

    def now(self) -> datetime:
        """The host's time: that of the market."""
        return START.astimezone(UTC) + timedelta(seconds=self._loop.time() - self._began)

    def start(self) -> None:
        """Start the server, on the journal that there is."""
        journal_time = lambda: int(self.now().timestamp() * 1e6)  # noqa: E731 - as short as it is used
        self.journal = Journal.open(self._settings.journal, journal_time)
        self.market = Market(self._settings, self._loop.time)
        self.trading = Trading(self.market, self.journal, self._settings, self._loop.time, self.now)
        self._serving = [self._loop.create_task(part.run()) for part in (self.market, self.trading)]

    def crash(self) -> None:
        """The server dies: its socket is gone, nothing it has begun goes on."""
        self.restarts += 1
        self.run(self._crash())
        self.journal.close()
        self.start()

    async def _crash(self) -> None:
        for session in list(self.gateway.sessions):
            session.reset()
        dying = [*self._serving, *self._tasks]
        for task in dying:
            task.cancel()
        _, stuck = await asyncio.wait(dying, timeout=60)
        assert not stuck, f"cancelled and going on: {[task.get_stack() for task in stuck]}"

    async def until_ready(self, seconds: float = 120.0) -> None:
        """Wait until everything of the gateway has been read."""
        async with asyncio.timeout(seconds):
            while not (self.trading.desk.ready and self.trading.accounts.reconciled):  # noqa: ASYNC110 - virtual time
                await asyncio.sleep(0.1)

    async def quotes(self) -> tuple[Decimal, Decimal]:
        """Bid and ask of the spread in the simulator's market, per share."""
        market = self.gateway.market
        low, high = market.quotes([market.listing.rows[con_id] for con_id in two_calls()])
        bid, ask = (low.bid or 0.0) - (high.ask or 0.0), (low.ask or 0.0) - (high.bid or 0.0)
        return Decimal(f"{bid:.2f}"), Decimal(f"{ask:.2f}")

    def spec(self, quantity: int, limit: Decimal) -> OrderSpec:
        bought, sold = two_calls()
        legs = (OrderLeg(bought, 1), OrderLeg(sold, -1))
        return OrderSpec(legs, quantity, OrderType.LIMIT, limit)

    async def place(self, name: str, spec: OrderSpec) -> object:
        """The order, or why it was not placed."""
        try:
            return await self.trading.desk.place(Placement(name, spec, allow_duplicate=True), CALLER)
        except MeshError as refusal:
            return refusal

    def ledger(self) -> dict[str, Any]:
        """What the broker knows: the truth."""
        return ledger(self.gateway.orders.book)

    def close(self) -> None:
        self.run(self._crash())
        self.journal.close()
        self._exchange.cancel()
        self.run(asyncio.wait([self._exchange]))
        asyncio.set_event_loop(None)
        self._loop.close()
