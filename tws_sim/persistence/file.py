"""The state file: an SQLite database that is whole after any end of the process."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from tws_sim.account.day import Day
from tws_sim.orders.book import Execution
from tws_sim.orders.order import Order

_APPLICATION, _FORMAT = 0x74777331, 1  # "tws1"
_TABLES = """
CREATE TABLE orders (perm_id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE executions (place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL) STRICT;
CREATE TABLE figures (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
"""
_T = TypeVar("_T")
_ORDER, _EXECUTION, _DAY = TypeAdapter(Order), TypeAdapter(Execution), TypeAdapter(Day)
_CASH = TypeAdapter(float)


class StateError(ValueError):
    """A state file cannot be used."""


class StateFile:
    """Orders by permId, executions in their order, the account's and the day's beginning, each as JSON.

    Whatever has been saved is in the file even if the process is killed at once (a write-ahead log; the
    machine's own end may take the last of it).
    """

    def __init__(self, path: Path) -> None:
        """Open a file, or make one.

        Raises:
            StateError: it cannot be opened, is in use by another gateway, or is something else.
        """
        self._path = path
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=1.0)
        except sqlite3.Error as problem:
            raise StateError(f"{path}: {problem}") from None
        try:
            self._open()
        except (sqlite3.Error, StateError) as problem:
            self._connection.close()
            raise StateError(f"{path}: {problem}") from None

    def _open(self) -> None:
        run = self._connection.execute
        run("PRAGMA locking_mode = EXCLUSIVE")
        run("BEGIN EXCLUSIVE")  # nobody else has it, and nobody else will
        marks = [run(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
        if not run("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            for statement in _TABLES.strip().split(";\n"):
                run(statement)
            run(f"PRAGMA application_id = {_APPLICATION}")
            run(f"PRAGMA user_version = {_FORMAT}")
        elif marks != [_APPLICATION, _FORMAT]:
            raise StateError("no state file of this version")
        run("COMMIT")
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = NORMAL")

    def save(self, order: Order, executions: Sequence[Execution], day: Day) -> None:
        """Write an order and what came with it: all of it, or nothing if the process ends meanwhile."""
        run = self._connection.execute
        run("BEGIN")
        run("REPLACE INTO orders VALUES (?, ?)", (order.perm_id, _text(_ORDER, order)))
        for one in executions:
            run("INSERT INTO executions (id, body) VALUES (?, ?)", (one.execution_id, _text(_EXECUTION, one)))
        run("REPLACE INTO figures VALUES ('day', ?)", (_text(_DAY, day),))
        run("COMMIT")

    def orders(self) -> list[Order]:
        """Every order, oldest first.

        Raises:
            StateError: one cannot be read.
        """
        return self._read(_ORDER, "SELECT body FROM orders ORDER BY perm_id")

    def executions(self) -> list[Execution]:
        """Every execution, oldest first.

        Raises:
            StateError: one cannot be read.
        """
        return self._read(_EXECUTION, "SELECT body FROM executions ORDER BY place")

    def day(self) -> Day | None:
        """The latest day's beginning.

        Raises:
            StateError: it cannot be read.
        """
        return next(iter(self._read(_DAY, "SELECT body FROM figures WHERE name = 'day'")), None)

    def _read(self, kind: TypeAdapter[_T], query: str) -> list[_T]:
        try:
            return [kind.validate_json(body) for (body,) in self._connection.execute(query)]
        except sqlite3.Error as problem:
            raise StateError(f"{self._path}: {problem}") from None
        except ValidationError as problem:
            raise StateError(f"{self._path}: {problem.title}: {problem.errors()[0]['msg']}") from None

    def cash(self, otherwise: float) -> float:
        """What the account began with, USD; a new file takes and keeps what it is given.

        Raises:
            StateError: it cannot be read.
        """
        self._connection.execute(
            "INSERT INTO figures VALUES ('cash', ?) ON CONFLICT DO NOTHING", (_text(_CASH, otherwise),)
        )
        return self._read(_CASH, "SELECT body FROM figures WHERE name = 'cash'")[0]

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def _text(kind: TypeAdapter[_T], value: _T) -> str:
    return kind.dump_json(value).decode()
