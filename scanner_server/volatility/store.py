"""Daily volatilities of underlyings on disk."""

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mesh.logging import get_logger
from scanner_server.volatility.kind import VolatilityKind

VERSION = 2
APPLICATION = 0x1F1E1D
"""Marks the file as ours: no other is ever written to."""
BUSY_SECONDS = 2.0
_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS series (
    symbol TEXT NOT NULL, kind TEXT NOT NULL, asked_on TEXT NOT NULL, PRIMARY KEY (symbol, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS volatility (
    symbol TEXT NOT NULL, kind TEXT NOT NULL, day TEXT NOT NULL, value REAL NOT NULL,
    PRIMARY KEY (symbol, kind, day)
) STRICT, WITHOUT ROWID;
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
COMMIT;
"""

FAILURES = (sqlite3.Error, OSError, ValueError)

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DailySeries:
    """Volatilities per year by date in New York, oldest first, as they were told on the date `asked_on`."""

    asked_on: date
    values: dict[date, float]


class VolatilityStore:
    """One SQLite file in WAL mode, which scanners may share. Blocks: call it from a worker thread.

    It is a cache: a file that is damaged or of another version is put aside and begun anew, and where none
    can be written it is done without.
    """

    def __init__(self, path: Path | None) -> None:
        """Keep them at `path`, None: nowhere. Nothing is opened or made yet."""
        self._path = path

    def __repr__(self) -> str:
        return f"<VolatilityStore {self._path}>"

    def load(self, symbol: str, kind: VolatilityKind) -> DailySeries | None:
        """What is kept of an underlying and a kind; None where there is nothing that can be used."""
        if self._path is None:
            return None
        try:
            return _load(self._path, symbol, kind) if self._path.exists() else None
        except FAILURES as error:
            _failed(self._path, error)
            return None

    def replace(self, symbol: str, kind: VolatilityKind, series: DailySeries) -> None:
        """Keep a series in place of the one before."""
        if self._path is None:
            return
        for _ in range(2):  # the first attempt may have found a damaged file
            try:
                _replace(self._path, symbol, kind, series)
                return
            except FAILURES as error:
                if not _failed(self._path, error):
                    return


def _load(path: Path, symbol: str, kind: VolatilityKind) -> DailySeries | None:
    with _opened(path) as database:
        query = "SELECT asked_on FROM series WHERE symbol = ? AND kind = ?"
        kept = database.execute(query, (symbol, kind)).fetchone()
        query = "SELECT day, value FROM volatility WHERE symbol = ? AND kind = ? ORDER BY day"
        rows = database.execute(query, (symbol, kind)).fetchall()
    if kept is None:
        return None
    if not all(0 < value < math.inf for _, value in rows):
        raise ValueError(f"a volatility of {symbol} is not a positive number")
    values = {date.fromisoformat(day): value for day, value in rows}
    return DailySeries(date.fromisoformat(kept[0]), values)


def _replace(path: Path, symbol: str, kind: VolatilityKind, series: DailySeries) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [(symbol, kind, day.isoformat(), value) for day, value in series.values.items()]
    with _opened(path) as database, database:
        database.execute("DELETE FROM volatility WHERE symbol = ? AND kind = ?", (symbol, kind))
        database.executemany("INSERT INTO volatility VALUES (?, ?, ?, ?)", rows)
        kept = symbol, kind, series.asked_on.isoformat()
        database.execute("INSERT OR REPLACE INTO series VALUES (?, ?, ?)", kept)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as database:
        (application,) = database.execute("PRAGMA application_id").fetchone()
        (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and application != APPLICATION:
            raise OSError("the file holds something else")
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if tables and version != VERSION:
            raise ValueError(f"version {version} of the file, not {VERSION}")
        if not tables:
            database.execute("PRAGMA journal_mode = WAL")
            database.executescript(_SCHEMA)
        yield database


def _failed(path: Path, error: Exception) -> bool:
    """Say so, and put a damaged file aside; whether that was done, so that another attempt is worthwhile."""
    is_damaged = not isinstance(error, OSError) and (
        not isinstance(error, sqlite3.OperationalError) or str(error).startswith("no such")
    )
    log.warning("volatility file unusable", path=str(path), error=str(error), put_aside=is_damaged)
    if is_damaged:
        with suppress(OSError):
            path.replace(path.with_name(path.name + ".damaged"))
            for suffix in ("-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
    return is_damaged
