"""The file of API keys, read again when it has changed."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from mesh.access.keys import key_hash, parse_keys
from mesh.access.roles import Caller
from mesh.logging import get_logger

LOOK_SECONDS: Final = 1.0
"""How long a change may go unseen."""

log = get_logger(__name__)


class KeyFile:
    """Callers by key.

    A file that can't be read any more, or holds a line that can't, leaves the keys as they were, and is
    logged: a slip of the pen must keep nobody from cancelling orders. To take a key back, take out its line.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Read the file.

        Raises:
            OSError: It can't be read.
            ValueError: It can't be understood.
        """
        self._path = path
        self._clock = clock
        self._version = _version(path)
        self._callers = parse_keys(path.read_text())
        self._looked_at = clock()

    def __repr__(self) -> str:
        return f"<KeyFile {len(self._callers)} keys>"

    def caller(self, key: str) -> Caller | None:
        """Whose key it is; None for nobody's."""
        now = self._clock()
        if now - self._looked_at >= LOOK_SECONDS:
            self._looked_at = now
            self._look()
        return self._callers.get(key_hash(key))

    def _look(self) -> None:
        version = _version(self._path)
        if version == self._version:
            return
        self._version = version
        try:
            self._callers = parse_keys(self._path.read_text())
        except (OSError, ValueError) as error:
            log.error("API keys could not be read again and stay as they were", reason=_reason(error))
        else:
            log.info("API keys were read again", count=len(self._callers))


def _version(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _reason(error: Exception) -> str:
    return error.strerror or "" if isinstance(error, OSError) else str(error)
