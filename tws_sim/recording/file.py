"""The file of a recording: written record by record, readable up to the last complete one at any time.

A first line of JSON (``format``, ``version``, ``started`` as ISO 8601 in UTC, ``redacted``), then records:
microseconds since the start (8 bytes, big-endian), connection (2), direction (1), length (4), payload. The
directions are ``+`` a client has connected, ``<`` it sent a frame, ``>`` it was sent one, ``-`` it has gone.
A payload is a frame of the TWS protocol without its length.
"""

import json
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import BinaryIO, NamedTuple

from tws_sim.wire.framing import MAX_FRAME

FORMAT, VERSION = "tws-recording", 1
_HEAD = struct.Struct(">QHcI")
_LONGEST_HEADER = 4096


class RecordingError(ValueError):
    """A file is no recording, or one of another version."""


class Direction(Enum):
    """What a record says."""

    OPENED = b"+"
    FROM_CLIENT = b"<"
    TO_CLIENT = b">"
    CLOSED = b"-"


class Record(NamedTuple):
    """One frame, or the beginning or end of a connection; ``seconds`` count from the recording's start."""

    seconds: float
    connection: int
    direction: Direction
    payload: bytes = b""


class RecordingWriter:
    """Appends records and flushes each."""

    def __init__(self, file: BinaryIO, started: datetime, *, redacted: bool) -> None:
        self._file = file
        header = {
            "format": FORMAT,
            "version": VERSION,
            "started": started.astimezone(UTC).isoformat(),
            "redacted": redacted,
        }
        file.write(json.dumps(header).encode() + b"\n")
        file.flush()

    def write(self, record: Record) -> None:
        """Append one record.

        Raises:
            OSError: the file cannot be written to.
        """
        head = _HEAD.pack(
            int(record.seconds * 1e6), record.connection, record.direction.value, len(record.payload)
        )
        self._file.write(head + record.payload)
        self._file.flush()


class Recording(NamedTuple):
    """A recording's start and its records, in the order of their times."""

    started: datetime
    records: list[Record]


def read(path: Path) -> Recording:
    """Read a file; an incomplete record at its end is left out.

    Raises:
        RecordingError: it is no recording.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        try:
            header = json.loads(file.readline(_LONGEST_HEADER))
            if (header["format"], header["version"]) != (FORMAT, VERSION):
                raise RecordingError(f"{path} is a {header['format']} of version {header['version']}")
            started = datetime.fromisoformat(header["started"])
        except (KeyError, TypeError, ValueError) as problem:
            raise RecordingError(f"{path} is no recording: {problem}") from None
        return Recording(started, list(_records(file, path)))


def _records(file: BinaryIO, path: Path) -> Iterator[Record]:
    while len(head := file.read(_HEAD.size)) == _HEAD.size:
        microseconds, connection, direction, length = _HEAD.unpack(head)
        if length > MAX_FRAME:
            raise RecordingError(f"{path}: a record of {length} bytes")
        payload = file.read(length)
        if len(payload) < length:
            return
        try:
            yield Record(microseconds / 1e6, connection, Direction(direction), payload)
        except ValueError as problem:
            raise RecordingError(f"{path}: {problem}") from None
