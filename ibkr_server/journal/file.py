"""The journal's SQLite file: how it is made, recognised and read."""

import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from ibkr_server.journal.entry import Entry, StoredEntry, checked, genesis
from ibkr_server.journal.errors import BrokenChainError, JournalError
from ibkr_server.journal.lock import Mark
from ibkr_server.journal.schema import APPLICATION_ID, SCHEMA, VERSION

FAILURES: Final = (OSError, sqlite3.Error, UnicodeDecodeError)
"""What files and SQLite raise; the last where SQLite's message quotes damaged text."""
BUSY_SECONDS: Final = 0.2
"""How long another program's transaction is waited for: this is spent on the event loop."""
PAGE: Final = 1000
"""Entries read at a time, so that no read stands in the way of checkpoints for long."""
_SELECT: Final = (
    "SELECT sequence, time_us, kind, client_order_id, payload, hash,"
    " (SELECT hash FROM entries AS before WHERE before.sequence = entries.sequence - 1)"
    " FROM entries WHERE sequence > ? AND sequence <= ?"
)


class Head(NamedTuple):
    """The last entry, as recorded beside it in its transaction; at first 0 and the genesis."""

    epoch: str
    sequence: int
    hash: bytes


@contextmanager
def new_file(path: Path) -> Iterator[sqlite3.Connection]:
    """A database to fill, which gets its name when the block ends: complete or, after a crash, not at all.

    Raises:
        FAILURES: It can't be written.
    """
    new = path.with_name(path.name + ".new")
    for leftover in (new, *sidecars(new)):
        leftover.unlink(missing_ok=True)
    os.close(os.open(new, os.O_CREAT | os.O_EXCL, 0o600))
    with closing(connect(new)) as database:
        yield database
    new.rename(path)
    _sync_folder(path.parent)


def make(path: Path) -> None:
    """Make a new, empty journal.

    Raises:
        FAILURES: It can't be written.
    """
    epoch = secrets.token_hex(16)
    with new_file(path) as database, database:
        database.execute("BEGIN IMMEDIATE")
        for statement in SCHEMA:
            database.execute(statement)
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {VERSION}")
        database.execute("INSERT INTO head VALUES (?, 0, ?)", (epoch, genesis(epoch)))


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, which a power cut doesn't take away again.

    Raises:
        OSError: It can't be made.
    """
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(folder.parent)


def connect(path: Path, mode: str = "rw") -> sqlite3.Connection:
    """A connection without implicit transactions to a file that must be there."""
    address = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(address, BUSY_SECONDS, isolation_level=None, uri=True)


def sidecars(path: Path) -> tuple[Path, Path]:
    """SQLite's files beside a database: the write-ahead log, which holds entries, and its index."""
    return path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")


def check_format(database: sqlite3.Connection) -> None:
    """Refuse what is no journal of this version, or has lost a trigger.

    Raises:
        JournalError: It is.
        FAILURES: The file is damaged.
    """
    if _pragma(database, "application_id") != APPLICATION_ID:
        raise JournalError("it is not an order journal")
    if (version := _pragma(database, "user_version")) != VERSION:
        raise JournalError(f"its format is version {version}, not {VERSION}")
    if _definitions(database) != set(SCHEMA):
        raise JournalError("its tables or triggers have been changed")


def read_head(database: sqlite3.Connection) -> Head:
    """The record of the last entry.

    Raises:
        BrokenChainError: There is none.
    """
    rows = database.execute("SELECT epoch, sequence, hash FROM head").fetchall()
    if len(rows) != 1:
        raise BrokenChainError(0, "is missing: nothing tells which is the last")
    return Head(*rows[0])


def check_head(database: sqlite3.Connection, head: Head) -> None:
    """See that the record of the last entry and the entries agree.

    Raises:
        BrokenChainError: They don't.
    """
    check_mark(database, head, Mark(head.sequence, head.hash))
    (last,) = database.execute("SELECT ifnull(max(sequence), 0) FROM entries").fetchone()
    if last > head.sequence:
        raise BrokenChainError(head.sequence + 1, "was not written by the journal")


def check_mark(database: sqlite3.Connection, head: Head, mark: Mark) -> None:
    """See that an entry known from elsewhere is in the journal.

    Raises:
        BrokenChainError: It is not.
    """
    if mark.sequence > head.sequence:
        raise BrokenChainError(head.sequence + 1, f"is missing: there were {mark.sequence} once")
    query = "SELECT hash FROM entries WHERE sequence = ?"
    (found,) = database.execute(query, (mark.sequence,)).fetchone() or (genesis(head.epoch),)
    if found != mark.hash:
        raise BrokenChainError(mark.sequence, "is not the one that was once there")


def read_entries(
    database: sqlite3.Connection, epoch: str, after: int, until: int, client_order_id: str | None = None
) -> Iterator[Entry]:
    """Entries `after` < sequence ≤ `until`, of all orders or one; each is checked against the one before it.

    Raises:
        BrokenChainError: One is not what was written, or is missing.
        FAILURES: The file can't be read.
    """
    query, of_order = _SELECT, tuple[str, ...]()
    if client_order_id is not None:
        query, of_order = f"{_SELECT} AND client_order_id = ?", (client_order_id,)
    first = genesis(epoch)
    more = True
    while more:
        page, failure = _page(database, f"{query} ORDER BY sequence LIMIT {PAGE}", (after, until, *of_order))
        for stored in page:
            if not of_order and stored.sequence != after + 1:
                raise BrokenChainError(after + 1, "is missing")
            yield checked(stored, first)
            after = stored.sequence
        if failure is not None:
            raise BrokenChainError(after + 1, f"can't be read: {failure}") from failure
        more = len(page) == PAGE
    if not of_order and after < until:
        raise BrokenChainError(after + 1, "is missing")


def _page(
    database: sqlite3.Connection, query: str, parameters: Sequence[int | str]
) -> tuple[list[StoredEntry], sqlite3.DatabaseError | None]:
    """Rows up to the first that can't be read."""
    rows: list[StoredEntry] = []
    try:
        for row in database.execute(query, parameters):
            rows.append(StoredEntry(*row))  # noqa: PERF401 - those before a damaged one are wanted
    except sqlite3.ProgrammingError:  # the connection's fault, not the file's
        raise
    except sqlite3.DatabaseError as error:
        return rows, error
    return rows, None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _definitions(database: sqlite3.Connection) -> set[str]:
    return {sql for (sql,) in database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}


def _pragma(database: sqlite3.Connection, name: str) -> int:
    value: int = database.execute(f"PRAGMA {name}").fetchone()[0]
    return value
