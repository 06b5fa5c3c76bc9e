"""Joining two sorted lists where the second's key is above the first's, in bounded blocks."""

from collections.abc import Iterator

import numpy as np

from scanner_server.columns import Floats, Ints

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
        place = np.arange(begin, min(begin + BLOCK, total))
        i = np.searchsorted(end, place, side="right")
        j = len(second) - (end[i] - place)
        yield i, j


def count_above(first: Floats, second: Floats) -> int:
    """How many pairs `joined_above` yields."""
    return int(np.sum(len(second) - np.searchsorted(second, first, side="right")))
