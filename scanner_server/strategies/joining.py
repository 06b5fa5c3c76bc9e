"""Joining legs to legs: for each row on the left a range of the rows on the right, in bounded blocks."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from scanner_server.columns import Ints, Rows, compiled
from scanner_server.strategies.strategy import next_expiration

BLOCK = 32768


class Ranges(NamedTuple):
    """For each row on the left, the rows [start, stop) on the right; both of shape (a,)."""

    start: Ints
    stop: Ints

    @property
    def size(self) -> int:
        """How many pairs there are."""
        return int((self.stop - self.start).clip(0).sum())


def above(left: Ints, right: Ints) -> Ranges:
    """The keys of the same expiration with a higher strike.

    Args:
        left: keys in any order; shape (a,).
        right: ascending keys; shape (b,).
    """
    return Ranges(np.searchsorted(right, left, side="right"), np.searchsorted(right, next_expiration(left)))


def level(left: Ints, right: Ints) -> Ranges:
    """The keys of the same expiration and strike; arguments as of `above`."""
    return Ranges(np.searchsorted(right, left), np.searchsorted(right, left, side="right"))


def everything(left: Ints, right: Ints) -> Ranges:
    """All on the right; arguments as of `above`."""
    return Ranges(np.zeros(len(left), np.int64), np.full(len(left), len(right), np.int64))


def single(rows: Rows) -> Rows:
    """Rows of one leg as spreads of one leg; shape (a, 1)."""
    return rows.reshape(-1, 1)


def join(left: Rows, right: Rows, ranges: Ranges) -> Iterator[Rows]:
    """Yield the rows of both sides of every pair, left then right; at most `BLOCK` at a time.

    Args:
        left: legs at hand; shape (a, i).
        right: legs to add; shape (b, j).
        ranges: which of them belong together.
    """
    end = np.cumsum((ranges.stop - ranges.start).clip(0))
    total = int(end[-1]) if len(end) else 0
    for begin in range(0, total, BLOCK):
        block = np.empty((min(BLOCK, total - begin), left.shape[1] + right.shape[1]), np.int32)
        _fill(end, ranges.stop, begin, left, right, block)
        yield block


def whole(blocks: Iterator[Rows], legs: int) -> Rows:
    """All blocks as one, of so many legs."""
    return np.concatenate([np.empty((0, legs), np.int32), *blocks])


@compiled
def _fill(end: Ints, stop: Ints, begin: int, left: Rows, right: Rows, block: Rows) -> None:
    """The pairs from number `begin` on; those of left[k] end at number end[k], with right[stop[k] - 1]."""
    width = left.shape[1]
    k = np.searchsorted(end, begin, side="right")
    for n in range(len(block)):
        while end[k] <= begin + n:
            k += 1
        j = stop[k] - (end[k] - begin - n)
        for leg in range(width):
            block[n, leg] = left[k, leg]
        for leg in range(right.shape[1]):
            block[n, width + leg] = right[j, leg]
