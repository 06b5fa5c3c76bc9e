"""Sends the cancellations that are owed, until the orders are done."""

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from typing import Final, NoReturn

from ibkr_server.desk.ledger import Ledger
from ibkr_server.orders.book import Book
from ibkr_server.orders.broker import Broker
from ibkr_server.orders.events import Recorded
from mesh.errors import MeshError

RETRY_SECONDS: Final = 1.0
"""Pause after one that could not be written."""
FIRST_PAUSE: Final = 5.0
LONGEST_PAUSE: Final = 60.0
"""Seconds until a cancellation that had no effect is sent again: the pause doubles each time."""


class _Sent:
    """When one order's cancellation was last sent, and in which session."""

    def __init__(self, session: int, now: float) -> None:
        self.session = session
        self.times = 1
        self.again_at = now + FIRST_PAUSE

    def repeat(self, now: float) -> None:
        self.times += 1
        self.again_at = now + min(FIRST_PAUSE * 2 ** (self.times - 1), LONGEST_PAUSE)


class Cancels:
    """The one sender of cancellations: they pass whenever there is a socket, READY or not, halted or not.

    Sending one twice does no harm. It's done again in each session, and after pauses while the order lives.
    """

    def __init__(self, ledger: Ledger, broker: Broker, clock: Callable[[], float]) -> None:
        self._ledger = ledger
        self._broker = broker
        self._clock = clock
        self._sent: dict[int, _Sent] = {}
        self._unrecorded: set[int] = set()
        self._session = 0
        self._wake = asyncio.Event()
        ledger.add_reader(self)

    def recorded(self, entry: Recorded, book: Book) -> None:
        """Look again at what may be owed now; of twins that share a number a cancellation ends only one."""
        name = entry.client_order_id
        if name in book.owing:
            for number in book.records[name].owed_cancels if book.records[name].twins else ():
                self._sent.pop(number, None)
            self._wake.set()

    def new_session(self) -> None:
        """The gateway is back: what was sent before may never have arrived."""
        self._session += 1
        self._wake.set()

    def owe(self, order_id: int) -> None:
        """Send one that could not be journalled: rather that than none."""
        self._unrecorded.add(order_id)
        self._wake.set()

    async def run(self) -> NoReturn:
        """Send what is owed, for ever."""
        while True:
            self._wake.clear()
            order_id = self._due()
            if order_id is not None:
                await self._send(order_id)
                continue
            await self._sleep(self._until_next())

    async def _sleep(self, seconds: float | None) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()

    async def _send(self, order_id: int) -> None:
        try:
            await self._broker.turn()
            self._broker.cancel(order_id)
        except MeshError:  # the gateway is away
            await self._sleep(RETRY_SECONDS)
            return
        self._unrecorded.discard(order_id)
        sent = self._sent.get(order_id)
        if sent is None or sent.session != self._session:
            self._sent[order_id] = _Sent(self._session, self._clock())
        else:
            sent.repeat(self._clock())

    def _due(self) -> int | None:
        now = self._clock()
        return next((each for each in self._owed() if self._is_due(each, now)), None)

    def _is_due(self, order_id: int, now: float) -> bool:
        sent = self._sent.get(order_id)
        return sent is None or sent.session != self._session or now >= sent.again_at

    def _owed(self) -> set[int]:
        records = (self._ledger.book.records[name] for name in self._ledger.book.owing)
        owed = set(itertools.chain.from_iterable(found.owed_cancels for found in records))
        self._sent = {each: sent for each, sent in self._sent.items() if each in owed}
        return owed | self._unrecorded

    def _until_next(self) -> float | None:
        if not self._sent:
            return None
        return max(min(sent.again_at for sent in self._sent.values()) - self._clock(), 0.0)
