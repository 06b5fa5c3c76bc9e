"""A desk on a scripted gateway, in virtual time, and how it ends and begins again."""

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from ibkr_server.desk.desk import OrderDesk
from ibkr_server.desk.ports import Placement
from ibkr_server.journal.journal import Journal
from ibkr_server.order_settings import OrderSettings
from ibkr_server.orders.order import Order
from ibkr_server.orders.spec import Bracket, OrderLeg, OrderSpec, OrderType
from ibkr_server.risk.preview import Preview
from mesh.access.roles import Caller, Role
from tests.ibkr_server.desk.scripted_broker import ScriptedBroker
from tests.virtual_time import run

P = ParamSpec("P")
T = TypeVar("T")
ALICE = Caller("alice", Role.TRADER)
BOB = Caller("bob", Role.TRADER)
OPERATOR = Caller("olga", Role.OPERATOR)
START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def virtual(test: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Run a test on virtual time."""

    @functools.wraps(test)
    def run_it(*args: P.args, **kwargs: P.kwargs) -> T:
        return run(test(*args, **kwargs))

    return run_it


def spread(quantity: int = 2, limit: str = "1.20", bracket: Bracket | None = None) -> OrderSpec:
    """A vertical spread."""
    legs = (OrderLeg(101, 1), OrderLeg(102, -1))
    return OrderSpec(legs, quantity, OrderType.LIMIT, Decimal(limit), bracket=bracket)


def placement(name: str = "c1", spec: OrderSpec | None = None, **rest: Any) -> Placement:
    return Placement(name, spec or spread(), **rest)


@dataclass
class AllowAll:
    """A gate that lets everything pass, after `seconds`, and remembers what it was asked."""

    seconds: float = 0.0
    checked: list[OrderSpec] = field(default_factory=list)
    counted: list[OrderSpec] = field(default_factory=list)
    taken_back: list[OrderSpec] = field(default_factory=list)
    refusal: Exception | None = None

    async def preview(
        self, spec: OrderSpec, caller: Caller, *, live_orders: Sequence[Order], replacing: Order | None
    ) -> Preview:
        raise NotImplementedError("the desk passes previews on")

    async def check(self, spec: OrderSpec, caller: Caller, token: str, **_: Any) -> None:
        self.checked.append(spec)
        await asyncio.sleep(self.seconds)
        if self.refusal is not None:
            raise self.refusal

    def placed(self, spec: OrderSpec, caller: Caller) -> None:
        self.counted.append(spec)

    def withdrawn(self, spec: OrderSpec, caller: Caller) -> None:
        self.taken_back.append(spec)


class World:
    """What outlives a desk: the gateway and the journal's file."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.path = folder / "orders.db"
        self.broker = ScriptedBroker()
        self.gate = AllowAll()
        self.days = 0
        self.settings = OrderSettings(trading="enabled", journal=self.path, **settings)

    def now(self) -> datetime:
        return START + timedelta(days=self.days, seconds=asyncio.get_running_loop().time())

    @asynccontextmanager
    async def desk(self, *, ready: bool = True) -> AsyncIterator[OrderDesk]:
        """A process's life; `ready` once the gateway is connected and read."""
        loop = asyncio.get_running_loop()
        with Journal.open(self.path, lambda: int(self.now().timestamp() * 1e6)) as journal:
            desk = OrderDesk(journal, self.broker, self.gate, self.settings, loop.time, self.now)
            self.broker.listener = desk.listener
            task = asyncio.create_task(desk.run())
            try:
                if ready:
                    self.broker.connect()
                    await until(lambda: desk.status().reconciled)
                yield desk
            finally:
                self.broker.listener = None
                self.broker.can_send = False
                task.cancel()
                await asyncio.wait([task])
                if not task.cancelled():
                    task.result()


async def until(holds: Callable[[], bool], seconds: float = 60.0) -> float:
    """Wait in virtual time; returns how long it took."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while not holds():
        assert loop.time() - began < seconds, "it never came"
        await asyncio.sleep(0.01)
    return loop.time() - began
