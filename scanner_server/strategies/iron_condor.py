"""Iron condors: a put vertical below a call vertical, K1 < K2 < K3 < K4.

The iron condor (inner legs sold) pays nothing above zero: like a bear call it survives only as a credit
spread, and the bound on the short |delta| of credit spreads is laid on its short legs beforehand. Its
reverse pays nothing below zero and survives only as a debit.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np

from scanner_server.columns import Floats, Ints, Rows
from scanner_server.strategies.joining import joined_above
from scanner_server.strategies.strategy import Board, Strategy
from scanner_server.strategies.verticals import vertical_blocks


def _wings(board: Board, inner_sold: bool) -> tuple[Rows, Rows]:
    puts = list(vertical_blocks(board, "P", inner_sold))
    calls = list(vertical_blocks(board, "C", not inner_sold))
    nothing = np.empty((0, 2), np.int32)
    return np.concatenate([nothing, *puts]), np.concatenate([nothing, *calls])


def _blocks(board: Board, inner_sold: bool) -> Iterator[Rows]:
    puts, calls = _wings(board, inner_sold)
    for i, j in joined_above(board.strike[puts[:, 1]], board.strike[calls[:, 0]]):
        yield np.hstack((puts[i], calls[j]))


def _partners(strike: Floats, others: Floats) -> tuple[Ints, Ints]:
    """Per strike, how many of the others lie below it and above it."""
    below = np.searchsorted(others, strike, side="left")
    return below, len(others) - np.searchsorted(others, strike, side="right")


def _count(board: Board, inner_sold: bool) -> int:
    outer_puts, inner_puts = board.puts.longs, board.puts.shorts
    inner_calls, outer_calls = board.calls.shorts, board.calls.longs
    if not inner_sold:
        outer_puts, inner_puts, inner_calls, outer_calls = inner_puts, outer_puts, outer_calls, inner_calls
    strike = board.strike
    put_wings, _ = _partners(strike[inner_puts], strike[outer_puts])
    _, call_wings = _partners(strike[inner_calls], strike[outer_calls])
    above = np.append(np.cumsum(call_wings[::-1])[::-1], 0)
    first = np.searchsorted(strike[inner_calls], strike[inner_puts], side="right")
    return int(np.sum(put_wings * above[first]))


def _condor(name: str, inner_sold: bool, description: str) -> Strategy:
    sign = 1 if inner_sold else -1
    return Strategy(
        name=name,
        family=name,
        description=description,
        rights="PPCC",
        quantities=(sign, -sign, -sign, sign),
        sold_for_credit=inner_sold,
        blocks=partial(_blocks, inner_sold=inner_sold),
        count=partial(_count, inner_sold=inner_sold),
    )


IRON_CONDORS: tuple[Strategy, ...] = (
    _condor("iron_condor", True, "Put and call verticals sold: gains while the share stays inside."),
    _condor("reverse_iron_condor", False, "Put and call verticals bought: gains on a wide move."),
)
