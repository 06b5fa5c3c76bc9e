"""Notices answers that don't come in time, makes orders UNKNOWN and has the gateway's lists read."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import NoReturn

from ibkr_server.desk.ledger import Ledger
from ibkr_server.orders.book import Book
from ibkr_server.orders.events import Absent, Draft, Recorded, Unanswered
from ibkr_server.orders.order import OrderState
from ibkr_server.orders.record import Record
from mesh.errors import MeshError

Wait = tuple[str, str, int]
"""client_order_id, what is waited for, and which one of these."""


class Overdue:
    """Every answer that is waited for has `seconds`; then the lists are read, once for each.

    They are also read once more after an order was found absent: it may have been on its way for long.
    """

    def __init__(
        self, ledger: Ledger, seconds: float, clock: Callable[[], float], read_again: Callable[[], None]
    ) -> None:
        self._ledger = ledger
        self._seconds = seconds
        self._clock = clock
        self._read_again = read_again
        self._since: dict[Wait, float] = {}
        self._asked: set[Wait] = set()
        self._absent: set[str] = set()
        ledger.add_reader(self)

    def recorded(self, entry: Recorded, book: Book) -> None:
        """Note orders that are absent."""
        if isinstance(entry.event, Absent) and entry.client_order_id is not None:
            self._absent.add(entry.client_order_id)

    async def run(self) -> NoReturn:
        """Watch for ever."""
        while True:
            self._look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._until_next()):
                    await self._ledger.change()

    def _look(self) -> None:
        now = self._clock()
        waits = {wait for found in self._open() for wait in _waits(found)}
        self._since = {wait: self._since.get(wait, now) for wait in waits}
        self._asked &= waits
        late = {wait for wait in waits - self._asked if now - self._since[wait] >= self._seconds}
        if not late:
            return
        self._asked |= late
        self._absent -= {name for name, what, _ in late if what == "absent"}
        drafts: list[Draft] = [(name, Unanswered()) for name, what, _ in sorted(late) if what == "ack"]
        with contextlib.suppress(MeshError):  # placing is halted by it; reading goes on until it is recorded
            self._ledger.record(*drafts)
        self._read_again()

    def _open(self) -> Iterator[Record]:
        book = self._ledger.book
        yield from book.live_records()
        yield from (book.records[name] for name in book.lacking | self._absent)

    def _until_next(self) -> float | None:
        waiting = [since for wait, since in self._since.items() if wait not in self._asked]
        return max(min(waiting) + self._seconds - self._clock(), 0.0) if waiting else None


def _waits(found: Record) -> Iterator[Wait]:
    name = found.client_order_id
    if found.is_awaited:
        yield name, "ack", found.intent.order_id
    if found.open_change is not None:
        yield name, "change", found.open_change.intent.revision
    if found.owed_cancels:
        yield name, "cancel", found.intent.order_id
    if found.state is OrderState.ABSENT:
        yield name, "absent", found.sent
    if found.lacks_fills:
        yield name, "fills", int(found.told_filled or 0)
