"""Reads what the gateway knows of orders after each connection, and whenever something is unclear."""

import asyncio
import contextlib
import random
from collections.abc import Callable, Sequence
from typing import Final, NoReturn

from ibkr_server.desk.hearing import Hearing
from ibkr_server.desk.ledger import Ledger
from ibkr_server.desk.readiness import Readiness
from ibkr_server.failpoints import Failpoint, crash_at
from ibkr_server.orders.broker import Broker, OrderReport
from ibkr_server.orders.events import Unanswered
from ibkr_server.orders.hearing import Source
from ibkr_server.orders.reconcile import Lists, concluded
from mesh.errors import MeshError
from mesh.logging import get_logger

LOOK_SECONDS: Final = 1.0
"""How often the connection is looked at by itself: time alone can end it, as before a restart."""
FIRST_PAUSE: Final = 0.5
"""Seconds before the second attempt; it doubles from then on."""

log = get_logger(__name__)


class Recovery:
    """Open orders, completed orders, trades: only when all three have answered is anything concluded.

    What they say is believed at once; that an order is in none of them only when all have been read in one
    session, with every one asked for after the order was sent.
    """

    def __init__(
        self,
        ledger: Ledger,
        broker: Broker,
        readiness: Readiness,
        longest_pause: float,
        every: float,
        when_back: Callable[[], None],
    ) -> None:
        """While orders are at work the lists are read `every` so many seconds: nobody may tell of them."""
        self.hearing = Hearing(ledger, broker, self.read_again, self.connection_changed)
        self._ledger = ledger
        self._broker = broker
        self._readiness = readiness
        self._longest_pause = longest_pause
        self._every = every
        self._read_at = 0.0
        self._when_back = when_back
        self._session = (0, False)
        self._wanted = asyncio.Event()
        self._moved = asyncio.Event()

    def read_again(self) -> None:
        """Something is unclear: read the lists (again)."""
        self._wanted.set()

    def connection_changed(self) -> None:
        """Socket, link or accounts have changed."""
        session = (self._broker.connections, self._broker.can_send)
        if session == self._session:
            return
        self._session = session
        self._readiness.lost()
        self._nothing_comes()
        self._moved.set()
        self._wanted.set()
        if self._broker.can_send:
            self._when_back()

    def begin(self) -> None:
        """What an earlier process sent and heard nothing of is UNKNOWN; a session may be up already."""
        self._nothing_comes()
        self.connection_changed()

    def _nothing_comes(self) -> None:
        """Answers to what was sent so far can't come any more: those orders are UNKNOWN."""
        book = self._ledger.book
        waiting = [found.client_order_id for found in book.live_records() if found.is_awaited]
        try:
            self._ledger.record(*((name, Unanswered()) for name in waiting))
        except MeshError as error:
            log.error("orders whose fate is unknown could not be marked as such", reason=str(error))

    async def run(self) -> NoReturn:
        """Read when it is called for, for ever."""
        while True:
            await self._called_for()
            pause = FIRST_PAUSE
            while self._wanted.is_set() and self._can_ask:
                self._wanted.clear()
                if not await self._read():
                    self._wanted.set()
                    jitter = random.uniform(0.8, 1.2)  # noqa: S311 - spreads load only
                    if self._can_ask:
                        await _within(pause * jitter, self._moved)
                    pause = min(pause * 2, self._longest_pause)
            if not self._can_ask:
                await self._next_move()

    @property
    def _can_ask(self) -> bool:
        """A read-only gateway refuses lists, and may ask people to allow them each time: once is enough."""
        return self._broker.can_send and not self._broker.is_read_only

    async def _read(self) -> bool:
        session, since = self._broker.connections, self._ledger.sequence
        self._moved.clear()
        try:
            self._ledger.make_good()
            open_orders = self._heard(await self._broker.open_orders(), Source(since))
            crash_at(Failpoint.MID_RECONCILIATION)
            completed = self._heard(await self._broker.completed_orders(), Source(since, is_completed=True))
            executions = await self._broker.executions()
            for report in executions:
                self.hearing.executed(report)
            if self._moved.is_set() or session != self._broker.connections:
                return False
            lists = Lists(since, open_orders, completed, executions)
            self._ledger.record(*concluded(self._ledger.book, lists, self.hearing.early.values()))
        except MeshError as error:
            log.warning("the gateway's orders could not be read", reason=str(error))
            return False
        self._readiness.reconciled_in(session)
        self._read_at = asyncio.get_running_loop().time()
        return True

    def _heard(self, reports: Sequence[OrderReport], source: Source) -> list[OrderReport]:
        for report in reports:
            self.hearing.take_order(report, source)
        return list(reports)

    async def _next_move(self) -> None:
        while not self._can_ask:
            await _within(LOOK_SECONDS, self._moved)
            self._moved.clear()
        self.connection_changed()

    async def _called_for(self) -> None:
        while not self._wanted.is_set():
            await _within(LOOK_SECONDS, self._wanted)
            self.connection_changed()
            if self._is_due():
                self._wanted.set()

    def _is_due(self) -> bool:
        waited = asyncio.get_running_loop().time() - self._read_at
        return waited >= self._every and bool(self._ledger.book.live_records())


async def _within(seconds: float, event: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
