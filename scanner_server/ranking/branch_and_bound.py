"""Branch and bound: the spreads of a strategy, but for those that a bound keeps off the ranking.

A. H. Land and A. G. Doig, An automatic method of solving discrete programming problems, Econometrica 1960.
A box for each leg stands for all spreads of their contracts. Where none of these can be among the best, or
pass the filters, they are left; else the largest box is halved, and the half that promises more comes first.
"""

import math
from typing import NamedTuple

import numpy as np

from scanner_server.columns import Floats, Ints, Rows, compiled
from scanner_server.ranking.bounds import Bounding, bound
from scanner_server.ranking.boxes import lower_half, upper_half
from scanner_server.ranking.top_k import TopK, least

# Spreads yielded at once: between two blocks the best so far rise.
BLOCK = 512
# Combinations of so few spreads are yielded.
_FEW = 2
# So many combinations are looked at between two blocks, at most.
_MOST_GROUPS = 32768


class Search(NamedTuple):
    """A search under way.

    Attributes:
        by: bounds.
        nodes: combinations of boxes to look at, a stack; shape (depth, legs).
        most: their bounds; shape (depth,).
        state: how many are on the stack, and how many have been looked at; shape (2,).
    """

    by: Bounding
    nodes: Ints
    most: Floats
    state: Ints


def search_of(by: Bounding) -> Search:
    """A search that has yet to begin."""
    legs, nodes = by.boxes.size.shape
    depth = legs * (nodes.bit_length() + 1) + 2
    search = Search(by, np.zeros((depth, legs), np.int64), np.full(depth, math.inf), np.zeros(2, np.int64))
    search.state[0] = 1
    return search


@compiled
def next_block(search: Search, top: TopK, block: Rows) -> int:
    """Put the next spreads that may be among the best into a block, shape (BLOCK, legs); returns how many."""
    by, nodes, most, state = search
    legs, filled = nodes.shape[1], 0
    enough = state[1] + _MOST_GROUPS
    while state[0] > 0 and filled + _FEW <= len(block) and state[1] < enough:
        at = state[0] - 1
        state[0] = at
        if most[at] < least(top):
            continue
        state[1] += 1
        widest, spreads = 0, 1
        for place in range(legs):
            size = by.boxes.size[place, nodes[at, place]]
            spreads *= size
            if size > by.boxes.size[widest, nodes[at, widest]]:
                widest = place
        if spreads <= _FEW:
            filled = _form(by, nodes[at], spreads, block, filled)
        else:
            _branch(search, top, at, widest)
    return filled


@compiled
def _branch(search: Search, top: TopK, at: int, place: int) -> None:
    """Replace a combination on the stack by its halves, the better one on top."""
    by, nodes, most, state = search
    box = nodes[at, place]
    low, high = lower_half(by.boxes, place, box), upper_half(by.boxes, place, box)
    for k in range(nodes.shape[1]):
        nodes[at + 1, k] = nodes[at, k]
    nodes[at, place], nodes[at + 1, place] = low, high
    for half in (at, at + 1):
        most[half] = bound(by, nodes[half]) if _is_possible(by, nodes[half]) else -math.inf
    if most[at] > most[at + 1]:
        nodes[at, place], nodes[at + 1, place] = high, low
        most[at], most[at + 1] = most[at + 1], most[at]
    enough = least(top)
    if most[at] >= enough and most[at] > -math.inf:
        state[0] = at + 2
    elif most[at + 1] >= enough and most[at + 1] > -math.inf:
        nodes[at, place], most[at] = nodes[at + 1, place], most[at + 1]
        state[0] = at + 1


@compiled
def _is_possible(by: Bounding, nodes: Ints) -> bool:
    """Whether any legs of the boxes stand in the order of strikes."""
    boxes, shape = by.boxes, by.shape
    for place in range(len(nodes) - 1):
        lowest = boxes.keys[place, boxes.start[place, nodes[place]]]
        start, size = boxes.start[place + 1, nodes[place + 1]], boxes.size[place + 1, nodes[place + 1]]
        highest = boxes.keys[place + 1, start + size - 1]
        if shape.is_level and place == shape.first:
            start, size = boxes.start[place, nodes[place]], boxes.size[place, nodes[place]]
            others = boxes.keys[place + 1, boxes.start[place + 1, nodes[place + 1]]]
            if highest < lowest or boxes.keys[place, start + size - 1] < others:
                return False
        elif highest <= lowest:
            return False
    return True


@compiled
def _form(by: Bounding, nodes: Ints, spreads: int, block: Rows, filled: int) -> int:
    """Put those of a few combinations whose strikes are in order; returns how many the block holds then."""
    boxes, shape, legs = by.boxes, by.shape, len(nodes)
    for number in range(spreads):
        rest, before, fits = number, -1, True
        for place in range(legs):
            size = boxes.size[place, nodes[place]]
            index = boxes.start[place, nodes[place]] + rest % size
            rest //= size
            key = boxes.keys[place, index]
            is_level = shape.is_level and place == shape.last
            fits = fits and (key == before if is_level else key > before)
            before = key
            block[filled, place] = boxes.rows[place, index]
        filled += fits
    return filled
