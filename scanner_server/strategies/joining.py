"""Joining legs to legs: for each row on the left a range of the rows on the right, in bounded blocks."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np

from scanner_server.columns import Ints, Rows, compiled
from scanner_server.strategies.strategy import SHARE_KEY, Pools, expiration_of, next_expiration

BLOCK = 32768


class Ranges(NamedTuple):
    """For each row on the left, the rows [start, stop) on the right, start <= stop; both of shape (a,)."""

    start: Ints
    stop: Ints

    @property
    def size(self) -> int:
        """How many pairs there are."""
        return int((self.stop - self.start).sum())


# Takes the keys on the left, in any order, of shape (a,), and those on the right, ascending, of shape (b,).
Relation: TypeAlias = Callable[[Ints, Ints], Ranges]


def above(left: Ints, right: Ints) -> Ranges:
    """The keys of the same expiration with a higher strike."""
    return Ranges(np.searchsorted(right, left, side="right"), np.searchsorted(right, next_expiration(left)))


def level(left: Ints, right: Ints) -> Ranges:
    """The keys of the same expiration and strike."""
    return Ranges(np.searchsorted(right, left), np.searchsorted(right, left, side="right"))


def later(left: Ints, right: Ints) -> Ranges:
    """The keys of all later expirations."""
    return Ranges(np.searchsorted(right, next_expiration(left)), np.full(len(left), len(right), np.int64))


def everything(left: Ints, right: Ints) -> Ranges:
    """All keys."""
    return Ranges(np.zeros(len(left), np.int64), np.full(len(left), len(right), np.int64))


@dataclass(frozen=True, slots=True)
class Steps:
    """Spreads of one expiration, each leg of which stands in a relation to the one before it.

    Attributes:
        relations: from each leg to the next.
    """

    relations: tuple[Relation, ...]

    def form(self, pools: Pools) -> Iterator[Rows]:
        """Every spread; of four legs, pairs with pairs."""
        if len(pools.legs) > 2:
            pools = in_common_expirations(pools)
        return _form(pools.key, pools.legs, self.relations)

    def count(self, pools: Pools) -> int:
        """How many there are, without forming them: from the last leg back, the ways to go on."""
        keys = [pools.keys(leg) for leg in range(len(pools.legs))]
        ways = np.ones(len(keys[-1]), np.int64)
        for (left, right), relation in reversed(list(zip(pairwise(keys), self.relations, strict=True))):
            up_to = np.concatenate([[0], np.cumsum(ways)])
            ranges = relation(left, right)
            ways = up_to[ranges.stop] - up_to[ranges.start]
        return int(ways.sum())


def _form(key: Ints, legs: tuple[Rows, ...], relations: tuple[Relation, ...]) -> Iterator[Rows]:
    if not relations:
        yield from (single(legs[0][at : at + BLOCK]) for at in range(0, len(legs[0]), BLOCK))
        return
    half = len(legs) // 2
    left = _whole(key, legs[:half], relations[: half - 1])
    right = _whole(key, legs[half:], relations[half:])
    yield from join(left, right, relations[half - 1](key[left[:, -1]], key[right[:, 0]]))


def _whole(key: Ints, legs: tuple[Rows, ...], relations: tuple[Relation, ...]) -> Rows:
    return whole(_form(key, legs, relations), len(legs)) if relations else single(legs[0])


def in_common_expirations(pools: Pools) -> Pools:
    """Without the options of expirations that another leg has none of: they are in no spread of one."""
    keys = [pools.keys(leg) for leg in range(len(pools.legs))]
    options = [np.unique(expiration_of(of)) for of in keys if not (of == SHARE_KEY).any()]
    common = reduce(np.intersect1d, options) if options else np.empty(0, np.int64)
    if all(len(of) == len(common) for of in options):
        return pools
    kept = (np.isin(expiration_of(of), common) | (of == SHARE_KEY) for of in keys)
    return pools.drawing(tuple(rows[stays] for rows, stays in zip(pools.legs, kept, strict=True)))


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
    end = np.cumsum(ranges.stop - ranges.start)
    total = int(end[-1]) if len(end) else 0
    for begin in range(0, total, BLOCK):
        block = np.empty((min(BLOCK, total - begin), left.shape[1] + right.shape[1]), np.int32)
        _fill(end, ranges.stop, begin, left, right, block)
        yield block


def joined(blocks: Iterable[Rows]) -> Iterator[Rows]:
    """The same spreads in fewer blocks, of less than twice `BLOCK`."""
    waiting: list[Rows] = []
    size = 0
    for block in blocks:
        waiting.append(block)
        size += len(block)
        if size >= BLOCK:
            yield np.concatenate(waiting) if len(waiting) > 1 else block
            waiting, size = [], 0
    if waiting:
        yield np.concatenate(waiting)


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
