"""What the log says of connections: each loss once, and a planned restart as no trouble at all."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mesh.logging import get_logger

log = get_logger(__name__)


class LinkLog:
    """Trouble is a warning, and information while the gateway's restart is due."""

    def __init__(self, is_restart_due: Callable[[], bool]) -> None:
        self._is_restart_due = is_restart_due
        self._was_due = False
        self._reason = ""

    def connected(self, address: str, server_version: int) -> None:
        """A session is open."""
        self._reason = ""
        log.info("gateway_connected", address=address, server_version=server_version)

    def ended(self, address: str, reason: str) -> None:
        """A session has ended."""
        log.log(self._level, "gateway_session_ended", address=address, reason=reason)

    def unreachable(self, address: str, error: Exception, attempt: int) -> None:
        """An attempt has failed; told once for each reason, for the next ones come every second or two."""
        level = self._level if str(error) != self._reason else logging.DEBUG
        self._reason = str(error)
        log.log(level, "gateway_unreachable", address=address, error=str(error), attempt=attempt)

    def announce_restart(self) -> None:
        """Tell, once, that the restart is due, and that it is no longer."""
        due = self._is_restart_due()
        if due != self._was_due:
            self._was_due = due
            log.info("gateway_restart_due" if due else "gateway_restart_over")

    @property
    def _level(self) -> int:
        return logging.INFO if self._is_restart_due() else logging.WARNING


@contextmanager
def quiet_library(is_restart_due: Callable[[], bool]) -> Iterator[None]:
    """Leave out what the library logs of connections, as that is told here; during a restart, all it logs."""

    def is_wanted(record: logging.LogRecord) -> bool:
        return record.name != "ib_insync.client" and not is_restart_due()

    loggers = [logging.getLogger(f"ib_insync.{name}") for name in ("client", "wrapper", "ib")]
    for logger in loggers:
        logger.addFilter(is_wanted)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(is_wanted)
