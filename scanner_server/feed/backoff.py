"""How long to wait before connecting again."""

FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 2.0


def backoff_seconds(failures: int, chance: float) -> float:
    """Wait before the next attempt: doubling from 0.1 s to 2 s, times 1 - chance/2 (`chance` in [0, 1))."""
    doubled = FIRST_WAIT_SECONDS * 2.0 ** min(failures, 10)
    return min(doubled, LONGEST_WAIT_SECONDS) * (1 - chance / 2)
