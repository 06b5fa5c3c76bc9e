"""The best K candidates seen so far: a binary heap with the worst of them at its root."""

from typing import NamedTuple

import numpy as np

from scanner_server.columns import Floats, Ints, Rows, compiled

MOST_LEGS = 4


class TopK(NamedTuple):
    """Slots of K candidates, and one more in which the next is compared.

    Attributes:
        value: what is ranked by, largest first; shape (K + 1,).
        loss: max_loss; shape (K + 1,).
        rows: leg rows, -1 beyond the last leg; shape (K + 1, MOST_LEGS).
        strategy: index of the strategy; shape (K + 1,).
        size: how many slots are in use; shape (1,).
        con_id: of the chain, to break ties; shape (n,).
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
        value=np.full(limit + 1, np.nan),
        loss=np.full(limit + 1, np.nan),
        rows=np.full((limit + 1, MOST_LEGS), -1, np.int32),
        strategy=np.full(limit + 1, -1, np.int64),
        size=np.zeros(1, np.int64),
        con_id=con_id,
    )


def best_first(top: TopK) -> Ints:
    """The slots in use, best candidate first."""
    size = int(top.size[0])
    ids = np.where(top.rows >= 0, top.con_id[top.rows], -1)[:size]
    return np.lexsort((top.strategy[:size], *ids.T[::-1], top.loss[:size], -top.value[:size]))


@compiled
def is_full(top: TopK) -> bool:
    """Whether every slot is in use: then slot 0 holds the worst."""
    return bool(top.size[0] == len(top.value) - 1)


@compiled
def offer(top: TopK, value: float, loss: float, strategy: int, rows: Rows) -> None:
    """Keep a candidate if it is among the best; its value must not be NaN."""
    limit = len(top.value) - 1
    size = top.size[0]
    full = is_full(top)
    if full and value < top.value[0]:
        return
    slot = limit if full else size
    top.value[slot] = value
    top.loss[slot] = loss
    top.strategy[slot] = strategy
    for k in range(MOST_LEGS):
        top.rows[slot, k] = rows[k] if k < len(rows) else -1
    if not full:
        top.size[0] = size + 1
        _rise(top, slot)
    elif _worse(top, 0, slot):
        _swap(top, 0, slot)
        _sink(top, limit)


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
def _sink(top: TopK, size: int) -> None:
    slot = 0
    while 2 * slot + 1 < size:
        child = 2 * slot + 1
        if child + 1 < size and _worse(top, child + 1, child):
            child += 1
        if not _worse(top, child, slot):
            return
        _swap(top, slot, child)
        slot = child
