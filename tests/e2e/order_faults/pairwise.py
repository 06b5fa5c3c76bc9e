"""A small set of cells in which every two faults of different kinds meet."""

from itertools import combinations
from random import Random

from tests.e2e.order_faults.cells import Cell, every_cell

Pair = frozenset[object]


def pairs_of(cell: Cell) -> set[Pair]:
    """The three pairs that a cell covers."""
    return {frozenset(pair) for pair in combinations((cell.crash, cell.network, cell.broker), 2)}


def pairwise_cover(seed: int) -> list[Cell]:
    """Greedy: always the cell that covers most pairs not covered yet, among equals one by chance.

    No cover is smaller than 11 × 16 cells, the pairs of the two largest dimensions.
    """
    cells = every_cell()
    Random(seed).shuffle(cells)
    missing = set().union(*map(pairs_of, cells))
    cover: list[Cell] = []
    while missing:
        best = max(cells, key=lambda cell: len(pairs_of(cell) & missing))
        cover.append(best)
        missing -= pairs_of(best)
    return cover
