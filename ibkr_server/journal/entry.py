"""Entries and the chain of their hashes, free of files.

hash = SHA-256 of: hash of the entry before (32 bytes), sequence and time_us (8 bytes each, big-endian), then
kind, client_order_id and payload, each as its length in bytes (4 bytes, big-endian) and its UTF-8. An absent
client order id has the length 2**32 - 1 and no bytes. Before the first entry stands SHA-256 of the epoch.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, NamedTuple

from ibkr_server.journal.errors import BrokenChainError

_NUMBERS: Final = struct.Struct(">qq")
_LENGTH: Final = struct.Struct(">I")
_CANONICAL: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)
_ABSENT: Final = _LENGTH.pack(2**32 - 1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One event.

    Attributes:
        sequence: 1, 2, 3 … without gaps; the order of events.
        time_us: microseconds since 1970 UTC by the clock that the journal was opened with.
        kind: what happened.
        client_order_id: the order it belongs to; None for what concerns them all.
        payload: a JSON object, as it is read again: lists for tuples.
        hash: 32 bytes, over this entry and all before it.
    """

    sequence: int
    time_us: int
    kind: str
    client_order_id: str | None
    payload: Mapping[str, Any]
    hash: bytes


class StoredEntry(NamedTuple):
    """An entry as it is in the file, not yet believed; `previous` is the hash stored with the one before."""

    sequence: int
    time_us: int
    kind: str
    client_order_id: str | None
    payload: str
    hash: bytes
    previous: bytes | None


def genesis(epoch: str) -> bytes:
    """What stands in for the hash before the first entry."""
    return sha256(epoch.encode()).digest()


def encoded(payload: Mapping[str, object]) -> str:
    """A payload as the text that is stored and hashed: JSON with sorted keys and no spaces.

    Raises:
        TypeError: Not JSON; exact decimals are strings.
        ValueError: NaN or infinite.
    """
    if not all(isinstance(key, str) for key in payload):
        raise TypeError("keys of a payload are strings")
    return _CANONICAL.encode(dict(payload))


def link(
    previous: bytes, sequence: int, time_us: int, kind: str, client_order_id: str | None, payload: str
) -> bytes:
    """The hash of an entry, given the one before."""
    text = b"".join(_framed(part) for part in (kind, client_order_id, payload))
    return sha256(previous + _NUMBERS.pack(sequence, time_us) + text).digest()


def checked(stored: StoredEntry, first: bytes) -> Entry:
    """The entry, if it is what was once written.

    Args:
        stored: As it was read.
        first: The genesis of the file.

    Raises:
        BrokenChainError: It is not, or the one before is missing.
    """
    previous = first if stored.sequence == 1 else stored.previous
    if previous is None:
        raise BrokenChainError(stored.sequence - 1, "is missing")
    try:
        expected = link(previous, *stored[:5])
        if expected != stored.hash:
            raise BrokenChainError(stored.sequence, "is not what its hash says")
        return Entry(*stored[:4], json.loads(stored.payload), stored.hash)
    except (TypeError, ValueError, AttributeError, struct.error) as error:  # a column of another type
        raise BrokenChainError(stored.sequence, f"can't be read: {error}") from error


def _framed(text: str | None) -> bytes:
    if text is None:
        return _ABSENT
    data = text.encode()
    return _LENGTH.pack(len(data)) + data
