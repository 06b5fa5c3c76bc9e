"""The journal's SQLite file: how it is made, recognised and read."""

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from ibkr_server.journal.entry import Entry, StoredEntry, checked, genesis
from ibkr_server.journal.errors import BrokenChainError, JournalError
from ibkr_server.journal.schema import APPLICATION_ID, SCHEMA, VERSION

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


def make(path: Path) -> None:
    """Make a new journal, complete or not at all: a crash in between leaves no half-made file at `path`.

    Raises:
        OSError, sqlite3.Error: It can't be written.
    """
    new = path.with_name(path.name + ".new")
    for leftover in (new, *sidecars(new)):
        leftover.unlink(missing_ok=True)
    os.close(os.open(new, os.O_CREAT | os.O_EXCL, 0o600))
    epoch = secrets.token_hex(16)
    with closing(connect(new)) as database, database:
        database.execute("BEGIN IMMEDIATE")
        for statement in SCHEMA:
            database.execute(statement)
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {VERSION}")
        database.execute("INSERT INTO head VALUES (?, 0, ?)", (epoch, genesis(epoch)))
    new.rename(path)
    sync_folder(path.parent)


def connect(path: Path, mode: str = "rw") -> sqlite3.Connection:
    """A connection without implicit transactions to a file that must be there."""
    address = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(address, BUSY_SECONDS, isolation_level=None, uri=True)


def sidecars(path: Path) -> tuple[Path, Path]:
    """SQLite's files beside a database: the write-ahead log, which holds entries, and its index."""
    return path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")


def sync_folder(folder: Path) -> None:
    """Make a new name in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check_format(database: sqlite3.Connection) -> None:
    """Refuse what is no journal of this version, or has lost a trigger.

    Raises:
        JournalError: It is.
        sqlite3.Error: The file is damaged.
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
        BrokenChainError: There is none, or the entry it tells of, or a later one, says otherwise.
    """
    rows = database.execute("SELECT epoch, sequence, hash FROM head").fetchall()
    if len(rows) != 1:
        raise BrokenChainError(0, "has lost the record of the last entry")
    head = Head(*rows[0])
    last = database.execute("SELECT sequence, hash FROM entries ORDER BY sequence DESC LIMIT 1").fetchone()
    sequence, hash_ = last or (0, genesis(head.epoch))
    if sequence < head.sequence:
        raise BrokenChainError(sequence + 1, f"is missing: {head.sequence} were written")
    if sequence > head.sequence:
        raise BrokenChainError(head.sequence + 1, "was not written by the journal")
    if hash_ != head.hash:
        raise BrokenChainError(sequence, "is not the one that was written last")
    return head


def read_entries(
    database: sqlite3.Connection, epoch: str, after: int, until: int, client_order_id: str | None = None
) -> Iterator[Entry]:
    """Entries `after` < sequence ≤ `until`, of all orders or one; each is checked against the one before it.

    Raises:
        BrokenChainError: One is not what was written, or is missing.
        sqlite3.Error: The file can't be read.
    """
    query, of_order = _SELECT, tuple[str, ...]()
    if client_order_id is not None:
        query, of_order = f"{_SELECT} AND client_order_id = ?", (client_order_id,)
    first = genesis(epoch)
    while True:
        page = database.execute(
            f"{query} ORDER BY sequence LIMIT {PAGE}", (after, until, *of_order)
        ).fetchall()
        for row in page:
            yield checked(StoredEntry(*row), first)
        if len(page) < PAGE:
            return
        after = page[-1][0]


def _definitions(database: sqlite3.Connection) -> set[str]:
    return {sql for (sql,) in database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}


def _pragma(database: sqlite3.Connection, name: str) -> int:
    value: int = database.execute(f"PRAGMA {name}").fetchone()[0]
    return value
