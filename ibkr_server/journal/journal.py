"""The order journal."""

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from opentelemetry import trace

from ibkr_server.journal.entry import Entry, encoded, link
from ibkr_server.journal.errors import BrokenChainError, JournalError
from ibkr_server.journal.file import (
    FAILURES,
    Head,
    check_format,
    check_head,
    check_mark,
    connect,
    make,
    make_folder,
    read_entries,
    read_head,
    sidecars,
)
from ibkr_server.journal.lock import Mark, WriterLock, witness
from mesh.telemetry.histogram import Histogram

TAIL: Final = 1000
"""Entries checked on opening; the audit checks them all."""
_INSERT: Final = "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)"
_MOVE_HEAD: Final = "UPDATE head SET sequence = ?, hash = ? WHERE sequence = ? AND hash = ?"
_WORTH_ANOTHER_TRY: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL}
"""Errors before anything was synced: the rollback is complete."""

Draft = tuple[str, str | None, Mapping[str, object]]
"""kind, client order id, payload."""


class Journal:
    """An append-only record of orders in one SQLite file, of one process and one thread.

    Every method is synchronous, on purpose: a commit takes some 0.2 ms, and with no await between deciding
    and writing, the order of entries is the order of decisions. When `append` returns, the entry is on the
    disk (fsync).

    When it raises JournalError (disk full, read-only volume, I/O error, file gone), nothing of that call
    counts as written: **do not send what you were about to send**. A full disk or a busy file may be tried
    again. After any other failure the journal refuses everything until it is opened anew, as nobody knows
    what a failed fsync has left behind. What was refused may then be found in it; what was acknowledged is
    never missing.

    `commit_seconds` has how long commits took, `failures` is how many failed.
    """

    def __init__(
        self,
        path: Path,
        now_us: Callable[[], int],
        lock: WriterLock,
        database: sqlite3.Connection,
        head: Head,
        resources: ExitStack,
    ) -> None:
        self._path = path
        self._now_us = now_us
        self._lock = lock
        self._database = database
        self._head = head
        self._resources = resources
        self._files = (str(path), str(sidecars(path)[0]))
        self._identities = _identities(self._files)
        self._failure: str | None = None
        self.commit_seconds = Histogram()
        self.failures = 0

    def __repr__(self) -> str:
        return f"<Journal {self._path} at {self.last_sequence}>"

    @classmethod
    def open(cls, path: Path, now_us: Callable[[], int]) -> Self:
        """Open the journal at `path`, or make one, with its folder, where there is none.

        Args:
            path: A file on a local disk: locks of network file systems are not to be relied upon.
            now_us: The clock, microseconds since 1970 UTC.

        Raises:
            JournalError: Another process has it open, it is no journal, it can't be read or written.
            BrokenChainError: One of the last entries is not what was written, or entries are missing.
        """
        path = path.resolve()
        try:
            with ExitStack() as resources:
                make_folder(path.parent)
                lock = WriterLock.take(path)
                resources.callback(lock.release)
                written = witness(path)
                if not path.exists():
                    _make(path, written)
                database = resources.enter_context(closing(connect(path)))
                head = _checked(database, written)
                lock.note(head.sequence, head.hash)
                return cls(path, now_us, lock, database, head, resources.pop_all())
        except BrokenChainError:
            raise
        except (JournalError, *FAILURES) as error:
            raise JournalError(f"the order journal {path} can't be opened: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and let another process have it. Closing twice is closing once."""
        self._failure = self._failure or "it is closed"
        self._resources.close()

    @property
    def epoch(self) -> str:
        """A random name that the file got when it was made: sequences of another epoch mean nothing here."""
        return self._head.epoch

    @property
    def last_sequence(self) -> int:
        """Sequence of the last entry; 0 before the first."""
        return self._head.sequence

    @property
    def size_bytes(self) -> int | None:
        """Of the file, without what SQLite keeps beside it; None where it can't be told."""
        try:
            return self._path.stat().st_size
        except OSError:
            return None

    def append(self, kind: str, client_order_id: str | None, payload: Mapping[str, object]) -> Entry:
        """Write one entry; it is on the disk when this returns.

        Raises:
            JournalError: It is not: see the class.
            TypeError, ValueError: The payload is no JSON object; nothing was written.
        """
        return self.append_all([(kind, client_order_id, payload)])[0]

    def append_all(self, entries: Sequence[Draft]) -> list[Entry]:
        """Write entries in one transaction, with one fsync: all of them, or none.

        Raises:
            JournalError: None was written: see the class.
            TypeError, ValueError: A payload is no JSON object; nothing was written.
        """
        rows = self._chained(entries)
        if rows:
            began = time.perf_counter()
            try:
                self._commit(rows)
            except JournalError:
                self.failures += 1
                raise
            span = trace.get_current_span().get_span_context()
            self.commit_seconds.record(time.perf_counter() - began, span)
        return [Entry(*row[:4], json.loads(row[4]), row[5]) for row in rows]

    def entries(
        self, after: int = 0, until: int | None = None, client_order_id: str | None = None
    ) -> Iterator[Entry]:
        """Entries `after` < sequence ≤ `until` (None: the last one there is now), each checked as it is read.

        Args:
            after: Sequence to begin behind.
            until: Sequence to end with.
            client_order_id: Only those of one order.

        Raises:
            BrokenChainError: One is not what was written, or is missing.
            JournalError: The file can't be read.
        """
        until = self.last_sequence if until is None else until
        try:
            yield from read_entries(self._database, self.epoch, after, until, client_order_id)
        except FAILURES as error:
            raise JournalError(f"the order journal {self._path} can't be read: {error}") from error

    def _chained(self, drafts: Sequence[Draft]) -> list[tuple[int, int, str, str | None, str, bytes]]:
        rows = []
        time_us, previous = self._now_us(), self._head.hash
        for sequence, (kind, client_order_id, payload) in enumerate(drafts, self.last_sequence + 1):
            text = encoded(payload)
            previous = link(previous, sequence, time_us, kind, client_order_id, text)
            rows.append((sequence, time_us, kind, client_order_id, text, previous))
        return rows

    def _commit(self, rows: list[tuple[int, int, str, str | None, str, bytes]]) -> None:
        if self._failure is not None:
            raise JournalError(f"the order journal {self._path} takes no more entries: {self._failure}")
        sequence, hash_ = rows[-1][0], rows[-1][5]
        try:
            if _identities(self._files) != self._identities:
                raise JournalError("its file has been replaced")
            with self._database:
                self._database.execute("BEGIN IMMEDIATE")
                self._database.executemany(_INSERT, rows)
                moved = self._database.execute(_MOVE_HEAD, (sequence, hash_, *self._head[1:])).rowcount
                if moved != 1:
                    raise JournalError("something else has written to it")
        except (JournalError, *FAILURES) as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _WORTH_ANOTHER_TRY:
                self._failure = str(error)
            raise JournalError(f"the order journal {self._path} can't be written: {error}") from error
        self._head = Head(self.epoch, sequence, hash_)
        self._lock.note(sequence, hash_)


def _make(path: Path, written: Mark | None) -> None:
    if (written is not None and written.sequence) or sidecars(path)[0].exists():
        raise JournalError(f"it is gone, but {path.name}-wal or {path.name}.lock tell of entries")
    make(path)


def _checked(database: sqlite3.Connection, written: Mark | None) -> Head:
    """Make a connection ready to write, and check what every start can afford to check."""
    check_format(database)
    (mode,) = database.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise JournalError(f"its journal mode is {mode} and can't be changed to WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA fullfsync = ON")  # where fsync alone doesn't reach the disk (macOS)
    head = read_head(database)
    check_head(database, head)
    if written is not None:
        check_mark(database, head, written)
    for _ in read_entries(database, head.epoch, max(head.sequence - TAIL, 0), head.sequence):
        pass
    return head


def _identities(files: Iterable[str]) -> list[tuple[int, int]]:
    """Which files these are, however they are called: SQLite goes on writing to one that was removed."""
    return [(found.st_dev, found.st_ino) for found in map(os.stat, files)]
