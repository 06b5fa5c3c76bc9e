"""Verticals: one expiration and right, K1 < K2, one bought and one sold.

A bear call or bull put pays nothing above zero, so at a fill_price >= 0 it has no profit and is turned
away as `no_profit`: whatever survives is a credit spread. The bound on the short |delta| of credit
spreads can therefore be laid on its short legs before pairs are formed, and changes no ranking. A bull
call or bear put pays nothing below zero, so at a fill_price < 0 it is turned away as `no_risk`: none
that survives is a credit spread, and that bound never applies.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np

from scanner_server.columns import Rows
from scanner_server.strategies.joining import count_above, joined_above
from scanner_server.strategies.strategy import Board, Strategy


def _legs(board: Board, right: str, lower_is_long: bool) -> tuple[Rows, Rows]:
    side = board.calls if right == "C" else board.puts
    return (side.longs, side.shorts) if lower_is_long else (side.shorts, side.longs)


def vertical_blocks(board: Board, right: str, lower_is_long: bool) -> Iterator[Rows]:
    """Yield (lower, upper) rows of every vertical, ordered by the lower strike; shape (b, 2)."""
    lower, upper = _legs(board, right, lower_is_long)
    for i, j in joined_above(board.strike[lower], board.strike[upper]):
        block = np.empty((len(i), 2), np.int32)
        block[:, 0], block[:, 1] = lower[i], upper[j]
        yield block


def _count(board: Board, right: str, lower_is_long: bool) -> int:
    lower, upper = _legs(board, right, lower_is_long)
    return count_above(board.strike[lower], board.strike[upper])


def _vertical(name: str, right: str, lower_is_long: bool, description: str) -> Strategy:
    return Strategy(
        name=name,
        family="vertical",
        description=description,
        rights=right * 2,
        quantities=(1, -1) if lower_is_long else (-1, 1),
        sold_for_credit=(right == "P") == lower_is_long,
        blocks=partial(vertical_blocks, right=right, lower_is_long=lower_is_long),
        count=partial(_count, right=right, lower_is_long=lower_is_long),
    )


VERTICALS: tuple[Strategy, ...] = (
    _vertical("bull_call", "C", True, "Call bought at K1, call sold at K2: share rises, a debit."),
    _vertical("bear_call", "C", False, "Call sold at K1, call bought at K2: share falls, a credit."),
    _vertical("bull_put", "P", True, "Put bought at K1, put sold at K2: share rises, a credit."),
    _vertical("bear_put", "P", False, "Put sold at K1, put bought at K2: share falls, a debit."),
)
