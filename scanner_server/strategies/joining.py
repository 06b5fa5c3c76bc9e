"""Joining two sorted lists where the second's key is above the first's, in bounded blocks."""

from collections.abc import Iterator

import numpy as np

from scanner_server.columns import Floats, Ints, compiled

BLOCK = 32768


def joined_above(first: Floats, second: Floats) -> Iterator[tuple[Ints, Ints]]:
    """Yield index pairs (i, j) with second[j] > first[i], i ascending, then j; at most BLOCK at a time.

    Args:
        first: keys in any order; shape (a,).
        second: ascending keys; shape (b,).
    """
    start = np.searchsorted(second, first, side="right")
    end = np.cumsum(len(second) - start)
    total = int(end[-1]) if len(end) else 0
    for begin in range(0, total, BLOCK):
        i, j = np.empty((2, min(BLOCK, total - begin)), np.int64)
        _fill(end, len(second), begin, i, j)
        yield i, j


@compiled
def _fill(end: Ints, size: int, begin: int, i: Ints, j: Ints) -> None:
    """The pairs from number `begin` on; those of first[k] end at number end[k], with the last of `size`."""
    k = np.searchsorted(end, begin, side="right")
    for n in range(len(i)):
        while end[k] <= begin + n:
            k += 1
        i[n] = k
        j[n] = size - (end[k] - begin - n)


def count_above(first: Floats, second: Floats) -> int:
    """How many pairs `joined_above` yields."""
    return len(first) * len(second) - int(np.searchsorted(second, first, side="right").sum())
