"""The journal and what it adds up to, kept as one: what happens is appended, then applied, then told."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from ibkr_server.desk.answers import Halt
from ibkr_server.failpoints import Failpoint, crash_at
from ibkr_server.journal.entry import Entry
from ibkr_server.journal.errors import JournalError
from ibkr_server.journal.journal import Journal
from ibkr_server.orders.alarms import BY
from ibkr_server.orders.book import Book
from ibkr_server.orders.events import Alerted, Draft, Halted, Recorded, decode, encode
from mesh.errors import unavailable
from mesh.logging import get_logger

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_RETRY_SECONDS: Final = 5.0

log = get_logger(__name__)


class Reader(Protocol):
    """Who is told of every entry, after it was applied. Must not block or fail."""

    def recorded(self, entry: Recorded, book: Book) -> None:
        """An entry is on the disk and in the book."""


def recorded(entry: Entry) -> Recorded:
    """An entry of the journal in our terms; microseconds exactly.

    Raises:
        JournalError: A later version has written it.
    """
    time = _EPOCH + timedelta(microseconds=entry.time_us)
    try:
        event = decode(entry.kind, entry.payload)
    except (KeyError, ValueError):
        what = f"entry {entry.sequence} of the order journal, {entry.kind!r}, is not known to this version"
        raise JournalError(f"{what}: run the one that wrote it, or a later one") from None
    return Recorded(entry.sequence, time, entry.client_order_id, event)


class Ledger:
    """The only way into journal and book, so that the book is the fold of the journal at every moment.

    Once the journal can't be written to, `halt` is one in memory, until the journal takes it.
    """

    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        """Read the journal from its beginning.

        Raises:
            BrokenChainError: An entry is not what was written.
            JournalError: It can't be read, or a later version has written it.
        """
        self.journal = journal
        self.book = Book()
        self._now = now
        self._readers: list[Reader] = []
        self._changed = asyncio.Event()
        self._unwritten: Halt | None = None
        self.when_unwritable: Callable[[], None] = lambda: None
        for entry in journal.entries():
            self.book.apply(recorded(entry))

    @property
    def sequence(self) -> int:
        """Of the last entry."""
        return self.book.sequence

    @property
    def halt(self) -> Halt | None:
        """Why nothing may be placed; None where it may."""
        kept = self.book.halt
        if self._unwritten is not None or kept is None:
            return self._unwritten
        return Halt(kept.sequence, kept.event.reason, kept.event.by, kept.time)

    def add_reader(self, reader: Reader) -> None:
        """Tell it of every entry from now on."""
        self._readers.append(reader)

    def record(self, *drafts: Draft) -> None:
        """Append all of them, in one transaction, or none; then apply them and tell the readers.

        Raises:
            MeshError: UNAVAILABLE: the journal can't be written to. Nothing of this has happened, and
                placing is halted.
        """
        if not drafts:
            return
        try:
            entries = self.journal.append_all([(kind, name, body) for name, kind, body in _encoded(drafts)])
        except JournalError as error:
            self._stop_placing(error)
            raise unavailable("the order journal can't be written to", _RETRY_SECONDS) from error
        for entry in map(recorded, entries):
            self.book.apply(entry)
            self._tell(entry)
        self._changed.set()
        self._changed = asyncio.Event()

    def make_good(self) -> None:
        """Write the halt that could not be written.

        Raises:
            MeshError: UNAVAILABLE: the journal still can't be written to.
        """
        if self._unwritten is not None:
            self.record((None, Halted(self._unwritten.reason, self._unwritten.by)))
            self._unwritten = None

    async def change(self) -> None:
        """Wait for the next entry."""
        await self._changed.wait()

    async def until(self, holds: Callable[[], bool], seconds: float) -> None:
        """Wait until something holds, which only entries change; at most so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not holds():
                    await self._changed.wait()

    def entries(self, until: int) -> Iterator[Recorded]:
        """The journal from its beginning.

        Raises:
            JournalError: It can't be read.
        """
        return map(recorded, self.journal.entries(until=until))

    def _tell(self, entry: Recorded) -> None:
        if isinstance(entry.event, Alerted):
            log.error("alert", kind=entry.event.kind, text=entry.event.text)
        crash_at(Failpoint.BEFORE_PUBLISH)
        for reader in self._readers:
            reader.recorded(entry, self.book)

    def _stop_placing(self, error: JournalError) -> None:
        if self._unwritten is None:
            log.error("the order journal can't be written to: placing is halted", reason=str(error))
            self._unwritten = Halt(0, "the order journal can't be written to", BY, self._now())
        self.when_unwritable()


def _encoded(drafts: Iterable[Draft]) -> Iterator[tuple[str | None, str, dict[str, object]]]:
    for name, event in drafts:
        yield name, *encode(event)
