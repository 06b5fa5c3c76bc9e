"""Daily volatilities of underlyings on disk."""

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mesh.logging import get_logger

VERSION = 1
BUSY_SECONDS = 2.0
_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS underlying (symbol TEXT PRIMARY KEY, asked_on TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS implied_volatility (
    symbol TEXT NOT NULL, day TEXT NOT NULL, value REAL NOT NULL, PRIMARY KEY (symbol, day)
) STRICT, WITHOUT ROWID;
PRAGMA user_version = {VERSION};
COMMIT;
"""

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DailySeries:
    """Volatilities per year by date in New York, oldest first, as they were told on the date `asked_on`."""

    asked_on: date
    values: dict[date, float]


class VolatilityStore:
    """One SQLite file in WAL mode, which scanners may share. Blocks: call it from a worker thread.

    It is a cache: a file that is damaged or of another version is thrown away and begun anew, and where none
    can be written it is done without.
    """

    def __init__(self, path: Path) -> None:
        """Keep them at `path`; nothing is opened or made yet."""
        self._path = path

    def __repr__(self) -> str:
        return f"<VolatilityStore {self._path}>"

    def load(self, symbol: str) -> DailySeries | None:
        """What is kept of an underlying; None where there is nothing that can be used."""
        try:
            return self._load(symbol) if self._path.exists() else None
        except (sqlite3.Error, OSError, ValueError) as error:
            self._failed(error)
            return None

    def replace(self, symbol: str, series: DailySeries) -> None:
        """Keep a series in place of the one before."""
        for _ in range(2):  # a damaged file is replaced by the first attempt
            try:
                self._replace(symbol, series)
                return
            except (sqlite3.Error, OSError, ValueError) as error:
                if not self._failed(error):
                    return

    def _load(self, symbol: str) -> DailySeries | None:
        with self._opened() as database:
            kept = database.execute("SELECT asked_on FROM underlying WHERE symbol = ?", (symbol,)).fetchone()
            query = "SELECT day, value FROM implied_volatility WHERE symbol = ? ORDER BY day"
            rows = database.execute(query, (symbol,)).fetchall()
        if kept is None:
            return None
        if not all(0 < value < math.inf for _, value in rows):
            raise ValueError(f"a volatility of {symbol} is not a positive number")
        return DailySeries(
            date.fromisoformat(kept[0]), {date.fromisoformat(day): value for day, value in rows}
        )

    def _replace(self, symbol: str, series: DailySeries) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        rows = [(symbol, day.isoformat(), value) for day, value in series.values.items()]
        with self._opened() as database, database:
            database.execute("DELETE FROM implied_volatility WHERE symbol = ?", (symbol,))
            database.executemany("INSERT INTO implied_volatility VALUES (?, ?, ?)", rows)
            kept = symbol, series.asked_on.isoformat()
            database.execute("INSERT OR REPLACE INTO underlying VALUES (?, ?)", kept)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS)) as database:
            database.execute("PRAGMA journal_mode = WAL")
            (version,) = database.execute("PRAGMA user_version").fetchone()
            if version == 0:
                database.executescript(_SCHEMA)
            elif version != VERSION:
                raise ValueError(f"version {version} of the file, not {VERSION}")
            yield database

    def _failed(self, error: Exception) -> bool:
        """Say so; whether the file was thrown away, so that another attempt is worthwhile."""
        is_damaged = not isinstance(error, OSError) and (
            not isinstance(error, sqlite3.OperationalError) or str(error).startswith("no such")
        )
        log.warning("volatility file unusable", path=str(self._path), error=str(error), discarded=is_damaged)
        if is_damaged:
            with suppress(OSError):
                for suffix in ("", "-wal", "-shm"):
                    self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        return is_damaged
