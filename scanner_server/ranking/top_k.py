"""The best candidates seen so far, a binary heap with the worst of them at its root, and a floor below it.

Every candidate that is not in the heap ranks at or below the floor, or where there is none at or below the
worst of a full heap. So candidates can be removed and offered anew, and the heap still holds the very best,
as long as enough are left: what makes a ranking incremental.
"""

import math
from typing import NamedTuple

import numpy as np

from scanner_server.columns import Flags, Floats, Ints, Rows, compiled

MOST_LEGS = 4


class TopK(NamedTuple):
    """Slots of K candidates, one in which the next is compared, and one of the floor.

    Attributes:
        value: what is ranked by, largest first; the floor's is NaN where there is none; shape (K + 2,).
        loss: max_loss; shape (K + 2,).
        rows: leg rows, -1 beyond the last leg; shape (K + 2, MOST_LEGS).
        strategy: index of the strategy; shape (K + 2,).
        size: how many slots are in use, and how many candidates were ever let in; shape (2,).
        con_id: of the chain's rows and of the share, to break ties; shape (n + 1,).
    """

    value: Floats
    loss: Floats
    rows: Rows
    strategy: Ints
    size: Ints
    con_id: Ints


def empty_top(limit: int, con_id: Ints) -> TopK:
    """An empty heap of `limit` slots."""
    return TopK(
        value=np.full(limit + 2, np.nan),
        loss=np.full(limit + 2, np.nan),
        rows=np.full((limit + 2, MOST_LEGS), -1, np.int32),
        strategy=np.full(limit + 2, -1, np.int64),
        size=np.zeros(2, np.int64),
        con_id=con_id,
    )


def best_first(top: TopK) -> Ints:
    """The slots in use, best candidate first."""
    size = int(top.size[0])
    order: Ints = np.argsort(-top.value[:size])
    value = top.value[order]
    if (value[1:] != value[:-1]).all():
        return order
    ids = np.where(top.rows >= 0, top.con_id[top.rows], -1)[:size]
    return np.lexsort((top.strategy[:size], *ids.T[::-1], top.loss[:size], -top.value[:size]))


def is_complete(top: TopK, limit: int) -> bool:
    """Whether the best `limit` of all candidates are in the heap."""
    return int(top.size[0]) >= limit or math.isnan(top.value[len(top.value) - 1])


@compiled
def is_full(top: TopK) -> bool:
    """Whether every slot is in use: then slot 0 holds the worst."""
    return bool(top.size[0] == len(top.value) - 2)


@compiled
def least(top: TopK) -> float:
    """A candidate of a lower value is not among the best; -inf where any may be."""
    if is_full(top):
        return float(top.value[0])
    floor = top.value[len(top.value) - 1]
    return float(floor) if not math.isnan(floor) else -math.inf


@compiled
def offer(top: TopK, value: float, loss: float, strategy: int, rows: Rows) -> None:
    """Keep a candidate if it is among the best; its value must not be NaN."""
    if value < least(top):
        return
    scratch = len(top.value) - 2
    top.value[scratch] = value
    top.loss[scratch] = loss
    top.strategy[scratch] = strategy
    for k in range(MOST_LEGS):
        top.rows[scratch, k] = rows[k] if k < len(rows) else -1
    if is_full(top):
        if _worse(top, 0, scratch):
            _copy(top, scratch, 0)
            _sink(top, 0, scratch)
            top.size[1] += 1
    elif math.isnan(top.value[scratch + 1]) or not _worse(top, scratch, scratch + 1):
        size = top.size[0]
        _copy(top, scratch, size)
        top.size[0] = size + 1
        top.size[1] += 1
        _rise(top, size)


@compiled
def remove(top: TopK, gone: Flags) -> int:
    """Take out every candidate with a leg at a row that is `gone` (shape (n + 1,)); returns how many."""
    floor = len(top.value) - 1
    if is_full(top):
        _copy(top, 0, floor)
    kept = 0
    for slot in range(top.size[0]):
        stays = True
        for k in range(MOST_LEGS):
            row = top.rows[slot, k]
            stays = stays and not (row >= 0 and gone[row])
        if stays:
            _copy(top, slot, kept)
            kept += 1
    removed = top.size[0] - kept
    if removed == 0:
        return 0
    top.size[0] = kept
    for slot in range(kept // 2 - 1, -1, -1):
        _sink(top, slot, kept)
    return int(removed)


@compiled
def _worse(top: TopK, a: int, b: int) -> bool:
    """Whether slot a ranks below slot b: value, then max_loss, leg contract ids, strategy."""
    if top.value[a] != top.value[b]:
        return bool(top.value[a] < top.value[b])
    if top.loss[a] != top.loss[b]:
        return bool(top.loss[a] > top.loss[b])
    for k in range(MOST_LEGS):
        first, second = top.rows[a, k], top.rows[b, k]
        if first != second:
            if first < 0 or second < 0:
                return bool(second < 0)
            return bool(top.con_id[first] > top.con_id[second])
    return bool(top.strategy[a] > top.strategy[b])


@compiled
def _swap(top: TopK, a: int, b: int) -> None:
    top.value[a], top.value[b] = top.value[b], top.value[a]
    top.loss[a], top.loss[b] = top.loss[b], top.loss[a]
    top.strategy[a], top.strategy[b] = top.strategy[b], top.strategy[a]
    for k in range(MOST_LEGS):
        top.rows[a, k], top.rows[b, k] = top.rows[b, k], top.rows[a, k]


@compiled
def _rise(top: TopK, slot: int) -> None:
    while slot > 0:
        parent = (slot - 1) // 2
        if not _worse(top, slot, parent):
            return
        _swap(top, slot, parent)
        slot = parent


@compiled
def _copy(top: TopK, source: int, target: int) -> None:
    top.value[target] = top.value[source]
    top.loss[target] = top.loss[source]
    top.strategy[target] = top.strategy[source]
    for k in range(MOST_LEGS):
        top.rows[target, k] = top.rows[source, k]


@compiled
def _sink(top: TopK, slot: int, size: int) -> None:
    while 2 * slot + 1 < size:
        child = 2 * slot + 1
        if child + 1 < size and _worse(top, child + 1, child):
            child += 1
        if not _worse(top, child, slot):
            return
        _swap(top, slot, child)
        slot = child
