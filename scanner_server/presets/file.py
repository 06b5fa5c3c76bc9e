"""The file that saved presets are kept in: SQLite, with a connection for each transaction.

Several servers of one machine may share it. Nothing here may run on an event loop.
"""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, Self

from google.protobuf.message import DecodeError
from spreadmesh.scan.v1.preset_service_pb2 import Preset
from spreadmesh.scan.v1.spec_pb2 import ScanSpec

from mesh.logging import get_logger

BUSY_SECONDS: Final = 2.0
_APPLICATION_ID: Final = 0x73706D70  # "spmp", by which the file is known again
_VERSION: Final = 1
_SCHEMA: Final = (
    "CREATE TABLE presets (name TEXT PRIMARY KEY, summary TEXT NOT NULL, spec BLOB NOT NULL) WITHOUT ROWID",
    f"PRAGMA application_id = {_APPLICATION_ID}",
    f"PRAGMA user_version = {_VERSION}",
)
_REPLACE: Final = "INSERT OR REPLACE INTO presets (name, summary, spec) VALUES (?, ?, ?)"

log = get_logger(__name__)


class TooManyPresets(Exception):  # noqa: N818 - reads as what it says
    """There are as many presets as may be kept."""


class PresetFile:
    """Saved presets. Every method but `open` raises sqlite3.Error where the file cannot be used."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __repr__(self) -> str:
        return f"<PresetFile {self._path}>"

    @classmethod
    def open(cls, path: Path) -> Self:
        """Begin with the file, and make it where there is none.

        Raises:
            OSError: It can't be read or made, is damaged, or belongs to another program or a newer version.
        """
        file = cls(path)
        try:
            file._check_or_make()
            saved = len(file.all())
        except (sqlite3.Error, DecodeError, OSError, ValueError) as error:
            raise OSError(errno.EINVAL, f"the presets in {path} can't be used: {error}") from error
        log.info("presets opened", file=str(path), saved=saved)
        return file

    def all(self) -> list[Preset]:
        """Every preset, by name."""
        with self._connected() as database:
            rows = database.execute("SELECT name, summary, spec FROM presets ORDER BY name").fetchall()
        return [_preset(*row) for row in rows]

    def get(self, name: str) -> Preset | None:
        """The preset of a name."""
        with self._connected() as database:
            return _find(database, name)

    def save(self, preset: Preset, most: int) -> bool:
        """Keep a preset, safe on the disk; says whether it took the place of another.

        Raises:
            TooManyPresets: It would be one more than `most`.
        """
        with self._connected() as database:
            database.execute("BEGIN IMMEDIATE")
            replaced = _find(database, preset.name) is not None
            (count,) = database.execute("SELECT count(*) FROM presets").fetchone()
            if not replaced and count >= most:
                raise TooManyPresets
            database.execute(_REPLACE, (preset.name, preset.summary, preset.spec.SerializeToString()))
        return replaced

    def delete(self, name: str) -> Preset | None:
        """Remove a preset and give it back; None where there is none."""
        with self._connected() as database:
            database.execute("BEGIN IMMEDIATE")
            found = _find(database, name)
            database.execute("DELETE FROM presets WHERE name = ?", (name,))
        return found

    def _check_or_make(self) -> None:
        if not self._path.exists():
            with self._connected("rwc") as database:
                database.execute("PRAGMA journal_mode = WAL")
                database.execute("BEGIN IMMEDIATE")
                for statement in _SCHEMA:
                    database.execute(statement)
            log.warning("no file of presets was there: made", file=str(self._path))
        if not self._path.stat().st_size:
            raise ValueError("the file is empty; without it, one would be made")
        with self._connected() as database:
            if _pragma(database, "application_id") != _APPLICATION_ID:
                raise ValueError("the file belongs to another program")
            if _pragma(database, "user_version") != _VERSION:
                raise ValueError("the file was made by another version")
            if (found := _pragma(database, "quick_check(1)")) != "ok":
                raise ValueError(f"the file is damaged: {found}")

    @contextmanager
    def _connected(self, mode: str = "rw") -> Iterator[sqlite3.Connection]:
        """One transaction; a file that is gone is an error, never made anew."""
        address = f"{self._path.absolute().as_uri()}?mode={mode}"
        connecting = sqlite3.connect(address, BUSY_SECONDS, isolation_level=None, uri=True)
        with closing(connecting) as database, database:
            yield database


def _find(database: sqlite3.Connection, name: str) -> Preset | None:
    row = database.execute("SELECT name, summary, spec FROM presets WHERE name = ?", (name,)).fetchone()
    return None if row is None else _preset(*row)


def _preset(name: str, summary: str, spec: bytes) -> Preset:
    return Preset(name=name, summary=summary, spec=ScanSpec.FromString(spec))


def _pragma(database: sqlite3.Connection, name: str) -> int | str:
    value: int | str = database.execute(f"PRAGMA {name}").fetchone()[0]
    return value
