"""One writer at a time, and a witness of what it has written, in a small file beside the journal.

The kernel drops the lock when its process ends, however it ends. The witness is the last sequence and
hash, written after each commit and not synced: after a crash of the process it is exact, after a power cut
it may be behind, and it is never ahead of what had reached the disk. A journal that is behind its witness
has therefore lost entries. SQLite can't tell: a write-ahead log that is cut or damaged just ends earlier.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple, Self

from ibkr_server.journal.errors import JournalError

_RECORD: Final = "%10d %20d %s\n"


class Mark(NamedTuple):
    """An entry that is known to have been written, by its hash."""

    sequence: int
    hash: bytes


def lock_file(journal: Path) -> Path:
    """Where lock and witness of a journal are."""
    return journal.with_name(journal.name + ".lock")


def witness(journal: Path) -> Mark | None:
    """What was written last, as far as is known; None where nothing legible was left.

    Raises:
        OSError: The file can't be read.
    """
    with suppress(FileNotFoundError, ValueError):
        _, sequence, hash_ = lock_file(journal).read_text("ascii").split()
        return Mark(int(sequence), bytes.fromhex(hash_))
    return None


class WriterLock:
    """The right to write a journal, held until it is closed or the process ends."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    @classmethod
    def take(cls, path: Path) -> Self:
        """Take the lock of the journal at `path`.

        Raises:
            JournalError: Another process has it.
            OSError: The file of the lock can't be written.
        """
        handle = os.open(lock_file(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 10, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(handle)
            raise JournalError(f"it is in use by another process (process id {holder})") from None
        except OSError:
            os.close(handle)
            raise
        return cls(handle)

    def note(self, sequence: int, hash_: bytes) -> None:
        """Note what was committed; in place, so that no space is needed."""
        record = _RECORD % (os.getpid(), sequence, hash_.hex())
        with suppress(OSError):  # the entry is safe on the disk; an older note is as true, only weaker
            os.pwrite(self._handle, record.encode(), 0)

    def release(self) -> None:
        """Give the right back. The file stays: whoever removed it could let a third one in."""
        os.close(self._handle)
