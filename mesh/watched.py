"""What files say, read again when they have changed."""

import logging
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock
from typing import Final, Generic, TypeVar

LOOK_SECONDS: Final = 1.0
"""How long a change may go unseen; looking costs a `stat` for each file."""
FIRST_READS: Final = 3

log = logging.getLogger(__name__)  # the standard one: in a program of others it follows their settings

Value = TypeVar("Value")
Version = tuple[tuple[int, int, int] | None, ...]


class Watched(Generic[Value]):
    """A value made from files, which are replaced while the process runs; safe between threads.

    What can't be read or used any more leaves the value as it was, and is logged once for each change. Files
    that are read together belong together: a value counts only if none of them changed under the reading.
    """

    def __init__(
        self,
        what: str,
        paths: Iterable[Path],
        read: Callable[[], Value],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read the files.

        Args:
            what: What they are, for the log, in the plural.
            paths: The files; symbolic links are followed anew at each look.
            read: Reads them all, and raises OSError or ValueError where they are of no use.
            clock: Seconds, never going back.

        Raises:
            OSError, ValueError: What `read` raises.
        """
        self._what = what
        self._paths = tuple(paths)
        self._read = read
        self._clock = clock
        self._lock = Lock()
        self._value, self._version = self._first()
        self._looked_at = clock()

    def __repr__(self) -> str:
        return f"<Watched {self._what}>"

    def current(self) -> Value:
        """The value of the files as they are now, or were at most `LOOK_SECONDS` ago."""
        if self._clock() - self._looked_at >= LOOK_SECONDS:
            with self._lock:
                now = self._clock()
                if now - self._looked_at >= LOOK_SECONDS:
                    self._looked_at = now
                    self._look()
        return self._value

    def _first(self) -> tuple[Value, Version]:
        for _ in range(FIRST_READS):
            version = self._version_now()
            value = self._read()
            if self._version_now() == version:
                break
        return value, version  # if they changed each time, the next look finds that they have

    def _look(self) -> None:
        version = self._version_now()
        if version == self._version:
            return
        try:
            value = self._read()
        except (OSError, ValueError) as error:
            self._version = version
            log.error("%s could not be read again and stay as they were: %s", self._what, _reason(error))
            return
        if self._version_now() == version:  # otherwise the next look reads what has come in the meantime
            self._value, self._version = value, version
            log.info("%s were read again", self._what)

    def _version_now(self) -> Version:
        return tuple(_version(path) for path in self._paths)


def _version(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
