"""Streams of what happens to orders: numbered, resumable, never conflated."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from ibkr_server.desk.answers import ControlChange, Snapshot, WatchEvent
from ibkr_server.desk.ledger import Ledger
from ibkr_server.desk.visible import owner_of, sees
from ibkr_server.orders.book import Book
from ibkr_server.orders.events import Commissioned, Executed, ForeignSeen, Halted, Recorded, Resumed
from ibkr_server.orders.fills import split_id
from ibkr_server.orders.order import Execution, Order
from mesh.access.roles import Caller
from mesh.errors import MeshError, quota_exceeded, stale_resume

KEPT_IN_MEMORY: Final = 10_000
"""Events that can be told again without reading the journal."""
_READ_AT_ONCE: Final = 50
"""Entries read from the journal before the event loop has its turn."""


@dataclass(frozen=True, slots=True)
class Happening:
    """An entry as readers see it; `owner` is None for orders made elsewhere."""

    sequence: int
    time: datetime
    change: Order | Execution | ControlChange
    owner: str | None

    def concerns(self, caller: Caller) -> bool:
        """Whether a caller is told of it: halts concern everybody."""
        return isinstance(self.change, ControlChange) or sees(caller, self.owner)


def happening(entry: Recorded, book: Book) -> Happening | None:
    """What readers are told of an entry that the book has just taken; None for what is of no interest."""
    change = _change(entry, book)
    if change is None:
        return None
    owner = None if isinstance(change, ControlChange) else owner_of(change, book)
    return Happening(entry.sequence, entry.time, change, owner)


def _change(entry: Recorded, book: Book) -> Order | Execution | ControlChange | None:
    match entry.event:
        case Halted(reason, by):
            return ControlChange(True, reason, by)
        case Resumed(_, reason, by):
            return ControlChange(False, reason, by)
        case Executed(told) | Commissioned(told):
            return book.executions.get(split_id(told.execution_id)[0])
        case ForeignSeen(report):
            return book.foreign[report.perm_id]
    found = book.records.get(entry.client_order_id or "")
    return None if found is None else found.order


class OrderWatch(AsyncIterator[WatchEvent]):
    """One reader's stream, used as a context. `snapshot` is None where it resumes."""

    def __init__(
        self,
        hub: "Watches",
        caller: Caller,
        snapshot: Snapshot | None,
        after: int,
        past: Iterator[Happening | None],
    ) -> None:
        self.epoch = hub.epoch
        self.snapshot = snapshot
        self._hub = hub
        self._caller = caller
        self._last = after
        self._past = past
        self._buffer: deque[Happening] = deque()
        self._arrived = asyncio.Event()
        self._overrun = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._hub.leave(self)

    def offer(self, item: Happening, most: int) -> None:
        """Tell this reader, if it concerns it; a reader that is too far behind gets nothing more."""
        if self._overrun or not item.concerns(self._caller):
            return
        if len(self._buffer) >= most:
            self._overrun = True
        else:
            self._buffer.append(item)
        self._arrived.set()

    async def __anext__(self) -> WatchEvent:
        """The next event; may be cancelled and called again without losing one.

        Raises:
            MeshError: RESOURCE_EXHAUSTED: the reader fell too far behind; it resumes after its last event.
        """
        while (item := await self._from_past()) is None and not self._buffer:
            if self._overrun:
                raise _too_slow()
            self._arrived.clear()
            await self._arrived.wait()
        item = item or self._buffer.popleft()
        event = WatchEvent(item.sequence, self._last, item.time, item.change)
        self._last = item.sequence
        return event

    async def _from_past(self) -> Happening | None:
        for read, item in enumerate(self._past, 1):
            if item is not None and item.concerns(self._caller):
                return item
            if read % _READ_AT_ONCE == 0:
                await asyncio.sleep(0)
        return None


class Watches:
    """Everybody who watches, and the latest of what they were told."""

    def __init__(self, ledger: Ledger, most_behind: int) -> None:
        self._ledger = ledger
        self._most_behind = most_behind
        self._watching: set[OrderWatch] = set()
        self._kept: deque[Happening] = deque(maxlen=KEPT_IN_MEMORY)
        self._kept_after = ledger.sequence
        ledger.add_reader(self)

    @property
    def epoch(self) -> str:
        """Of the journal that the numbers count in."""
        return self._ledger.journal.epoch

    def recorded(self, entry: Recorded, book: Book) -> None:
        """Tell everybody whom an entry concerns."""
        item = happening(entry, book)
        if item is None:
            return
        if len(self._kept) == KEPT_IN_MEMORY:
            self._kept_after = self._kept[0].sequence
        self._kept.append(item)
        for reader in self._watching:
            reader.offer(item, self._most_behind)

    def from_snapshot(self, caller: Caller, snapshot: Snapshot) -> OrderWatch:
        """A stream that begins behind a snapshot of now."""
        return self._joined(OrderWatch(self, caller, snapshot, snapshot.sequence, iter(())))

    def resumed(self, caller: Caller, epoch: str, sequence: int) -> OrderWatch:
        """A stream that goes on behind a sequence, from memory or, further back, from the journal.

        Raises:
            MeshError: OUT_OF_RANGE: the epoch is another journal's, or the sequence is in the future.
        """
        if epoch != self.epoch:
            raise stale_resume("EPOCH_CHANGED", "the numbers are of another journal: begin with a snapshot")
        if sequence > self._ledger.sequence:
            raise stale_resume("SEQUENCE_UNKNOWN", f"the journal has not come to {sequence} yet")
        past = self._from_memory(sequence) if sequence >= self._kept_after else self._from_journal(sequence)
        return self._joined(OrderWatch(self, caller, None, sequence, past))

    def leave(self, watch: OrderWatch) -> None:
        """Tell this reader nothing more."""
        self._watching.discard(watch)

    def _joined(self, watch: OrderWatch) -> OrderWatch:
        self._watching.add(watch)
        return watch

    def _from_memory(self, after: int) -> Iterator[Happening | None]:
        return iter([item for item in self._kept if item.sequence > after])

    def _from_journal(self, after: int) -> Iterator[Happening | None]:
        """What was told behind `after`, as it then was: the journal folded once more."""
        return _folded(self._ledger.entries(self._ledger.sequence), after)


def _folded(entries: Iterator[Recorded], after: int) -> Iterator[Happening | None]:
    book = Book()
    for entry in entries:
        book.apply(entry)
        yield happening(entry, book) if entry.sequence > after else None


def _too_slow() -> MeshError:
    text = "the reader is too slow for its buffer: resume after its last event"
    return quota_exceeded("WatchOrders", text, 0.0)
