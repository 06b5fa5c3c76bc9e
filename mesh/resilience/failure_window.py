"""Calls and failures of the last seconds, in slots of a tenth, so that memory does not grow with traffic."""

import math
from collections import deque
from typing import Final

SLOTS: Final = 10


class FailureWindow:
    """Counts over the current slot and the nine before: between 0.9 and 1 times the window's length."""

    def __init__(self, window_seconds: float) -> None:
        self._slot_seconds = window_seconds / SLOTS
        self._slots: deque[tuple[int, int, int]] = deque(maxlen=SLOTS)  # slot, calls, failures
        self._calls = 0
        self._failures = 0

    def __repr__(self) -> str:
        return f"<FailureWindow {self._failures}/{self._calls} failed>"

    @property
    def calls(self) -> int:
        """Calls in the window at the last `record`."""
        return self._calls

    @property
    def failures(self) -> int:
        """Failures among them."""
        return self._failures

    def record(self, failed: bool, now: float) -> None:
        """Count one call that ended at `now`, in monotonic seconds."""
        slot = math.floor(now / self._slot_seconds)
        self._forget_before(slot - SLOTS + 1)
        _, calls, failures = self._slots.pop() if self._slots and self._slots[-1][0] == slot else (slot, 0, 0)
        self._slots.append((slot, calls + 1, failures + failed))
        self._calls += 1
        self._failures += failed

    def clear(self) -> None:
        """Forget everything."""
        self._slots.clear()
        self._calls = self._failures = 0

    def _forget_before(self, slot: int) -> None:
        while self._slots and self._slots[0][0] < slot:
            _, calls, failures = self._slots.popleft()
            self._calls -= calls
            self._failures -= failures
