"""How often something has happened lately."""

import math
from collections import deque

SLOTS = 60


class RecentCount:
    """Events of the last seconds, in slots of a sixtieth, so that memory does not grow with their number."""

    def __init__(self, seconds: float) -> None:
        """Count over the last `seconds`, up to one slot less."""
        self._slot_seconds = seconds / SLOTS
        self._slots: deque[tuple[int, int]] = deque(maxlen=SLOTS)

    def add(self, now: float) -> None:
        """One more at `now`, monotonic seconds."""
        slot = self._slot(now)
        if self._slots and self._slots[-1][0] == slot:
            self._slots[-1] = (slot, self._slots[-1][1] + 1)
        else:
            self._slots.append((slot, 1))

    def total(self, now: float) -> int:
        """How many there were lately."""
        first = self._slot(now) - SLOTS + 1
        return sum(count for slot, count in self._slots if slot >= first)

    def _slot(self, now: float) -> int:
        return math.floor(now / self._slot_seconds)
