"""The faults in effect: who starts, ends and asks them."""

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tws_sim.faults import catalogue
from tws_sim.faults.fault import Fault, FaultError
from tws_sim.market.instrument import Instrument
from tws_sim.terms import Terms

if TYPE_CHECKING:
    from tws_sim.gateway import Gateway
    from tws_sim.orders.order import Order
    from tws_sim.orders.refusal import RefusedError
    from tws_sim.session import Session

log = logging.getLogger(__name__)

MOST_AT_ONCE = 64


@dataclass(frozen=True)
class _Running:
    fault: Fault
    task: asyncio.Task[None]


def options_of(fault: Fault) -> dict[str, Any]:
    """The parameters that were given, as JSON has them."""
    return fault.model_dump(mode="json", exclude_none=True)


class Faults:
    """Each fault in effect has a task that ends it in its time; the newest is asked first."""

    def __init__(self, gateway: "Gateway") -> None:
        self._gateway = gateway
        self._tasks: asyncio.TaskGroup | None = None
        self._running: dict[int, _Running] = {}
        self.active: list[Fault] = []
        self._numbers = itertools.count(1)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Faults can be injected within the block; all end with it."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            try:
                yield
            finally:
                self._tasks = None
                await self.lift()

    async def inject(self, name: str, /, **options: object) -> int:
        """Start a fault by its name; returns its number once it is in effect.

        Raises:
            FaultError: it is unknown, a parameter is, or it cannot happen now.
        """
        return await self.start(catalogue.build(name, options))

    async def start(self, fault: Fault) -> int:
        """Start a fault; returns its number once it is in effect.

        Raises:
            FaultError: it cannot happen now, or too many are in effect.
        """
        if self._tasks is None:
            raise FaultError("the gateway is not running")
        if len(self._running) >= MOST_AT_ONCE:
            raise FaultError(f"{MOST_AT_ONCE} faults are in effect already")
        number, begun = next(self._numbers), asyncio.get_running_loop().create_future()
        task = self._tasks.create_task(self._last(fault, begun))
        self._running[number] = _Running(fault, task)
        task.add_done_callback(lambda _: self._running.pop(number))
        task.add_done_callback(lambda _: begun.cancel())
        await begun
        name = catalogue.name_of(fault)
        log.info("fault %s: %s %s", number, name, options_of(fault))
        self._gateway.counters.fault(name, fault.target)
        return number

    async def _last(self, fault: Fault, begun: asyncio.Future[None]) -> None:
        try:
            async with fault.active(self._gateway):
                await self._ask(fault, begun)
        except FaultError as problem:
            if begun.done():
                raise
            begun.set_exception(problem)

    async def _ask(self, fault: Fault, begun: asyncio.Future[None]) -> None:
        """Let the fault be asked for as long as it lasts."""
        self.active.insert(0, fault)
        try:
            begun.set_result(None)
            await fault.last(self._gateway.clock)
        finally:
            self.active.remove(fault)

    async def lift(self, which: str | int | None = None) -> int:
        """End a fault by its number, all of a name, or all; returns how many, once they have ended."""
        ending = [
            one.task
            for number, one in self._running.items()
            if which in {None, number, catalogue.name_of(one.fault)}
        ]
        for task in ending:
            task.cancel()
        if ending:
            await asyncio.wait(ending)
        return len(ending)

    def as_list(self) -> list[dict[str, Any]]:
        """Number, name and parameters of every fault in effect."""
        return [
            {
                "fault": number,
                "name": catalogue.name_of(one.fault),
                "options": options_of(one.fault),
            }
            for number, one in self._running.items()
        ]

    def met(self, session: "Session") -> None:
        """A client has connected, or has been answered its startApi."""
        for fault in self.active:
            if fault.strikes(session):
                fault.met(session)

    def intercept(self, session: "Session", fields: Sequence[str]) -> bool:
        """Whether a fault deals with a request in the gateway's place."""
        if not self.active or not fields or not fields[0].isdecimal() or len(fields[0]) > 3:
            return False
        message_id = int(fields[0])
        return any(
            fault.strikes(session) and fault.intercept(session, message_id, fields) for fault in self.active
        )

    def pause(self, session: "Session", item: Instrument | None) -> bool:
        """Whether a contract's ticks, or what belongs to no contract (None), stop for a client."""
        return any(fault.strikes(session) and fault.pauses(session, item) for fault in self.active)

    def terms(self, session: "Session", item: Instrument) -> Terms:
        """Terms of a new market data request."""
        for fault in self.active:
            if fault.strikes(session) and (terms := fault.terms(session, item)) is not None:
                return terms
        return Terms()

    @property
    def hold_orders(self) -> bool:
        """Whether orders wait: nothing passes between the gateway and the exchange."""
        return any(fault.holds_orders for fault in self.active)

    def objection(self, order: "Order") -> "RefusedError | None":
        """Why an order that arrives at the broker is rejected; None where no fault has a say."""
        found = (fault.objection(order) for fault in self.active)
        return next((problem for problem in found if problem is not None), None)

    def hide(self, execution_id: str) -> bool:
        """Whether an execution is left out of the lists clients ask for."""
        return any(fault.hides(execution_id) for fault in self.active)

    def lingering(self, client_id: int) -> float:
        """Seconds for which a client id stays in use once its socket has gone."""
        return max((fault.lingering(client_id) for fault in self.active), default=0.0)
