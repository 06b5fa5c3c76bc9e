"""Points at which a test can end the process at once, as a crash would.

`SPREADMESH_FAILPOINT=after_write` kills at the first passage, `after_write:3` at the third. Unset, a passage
costs one comparison.
"""

import os
import signal
from enum import Enum
from typing import Final, NoReturn


class Failpoint(Enum):
    """Where a crash is of interest."""

    BEFORE_INTENT = "before_intent"
    AFTER_INTENT = "after_intent"
    MID_WRITE = "mid_write"
    AFTER_WRITE = "after_write"
    AFTER_OPEN_ORDER = "after_open_order"
    BEFORE_ACK_JOURNALLED = "before_ack_journalled"
    BEFORE_REPLY = "before_reply"
    BEFORE_FILL_JOURNALLED = "before_fill_journalled"
    BEFORE_PUBLISH = "before_publish"
    MID_RECONCILIATION = "mid_reconciliation"
    AFTER_KILL_PERSISTED = "after_kill_persisted"


VARIABLE: Final = "SPREADMESH_FAILPOINT"


class _Armed:
    """One point, and how often it is still passed."""

    def __init__(self, text: str) -> None:
        name, _, count = text.partition(":")
        self.point = Failpoint(name)
        self.remaining = int(count or 1)


_active: _Armed | None = None


def arm(text: str | None) -> None:
    """Let the process end at a point, `name` or `name:count`; at none where there is no text."""
    global _active  # noqa: PLW0603 - one process, one crash
    _active = _Armed(text) if text else None


def crash_at(point: Failpoint) -> None:
    """End the process, unannounced, where this point was asked for."""
    if _active is None:
        return
    _pass(_active, point)


def is_armed(point: Failpoint) -> bool:
    """Whether the next passage of this point ends the process; for a crash halfway through something."""
    return _active is not None and _active.point is point and _active.remaining == 1


def _pass(armed: _Armed, point: Failpoint) -> None:
    if armed.point is not point:
        return
    armed.remaining -= 1
    if armed.remaining == 0:
        _die()


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise SystemExit(1)  # never reached: SIGKILL can't be handled


arm(os.environ.get(VARIABLE))
