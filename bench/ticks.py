"""Ticks that carry the instant they were made at: what their sender and their reader agree upon."""

import time

TICKS_PER_SECOND = 10_000
CONTRACTS = 10
"""So few that each ticks every millisecond: what a batch holds is then as old as the batch."""


def now_us() -> int:
    """Microseconds of the clock that all processes of a machine share."""
    return time.monotonic_ns() // 1000
