"""What the strategies form candidates of, expiration by expiration."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from scanner_server.book.chain import Chain
from scanner_server.columns import Flags, Rows
from scanner_server.strategies.joining import BLOCK
from scanner_server.strategies.strategy import Board, Side, Strategy


def boards_of(chain: Chain, longs: Flags, shorts: Flags) -> list[Board]:
    """What each expiration offers; those without anything to buy or to sell are left out."""

    def by_expiration(contracts: Flags) -> list[Rows]:
        rows = np.flatnonzero(contracts).astype(np.int32)
        ends = np.searchsorted(chain.expiration[rows], np.arange(len(chain.expirations)), side="right")
        return [rows[a:b] for a, b in pairwise([0, *ends.tolist()])]

    def sides(right: Flags) -> list[Side]:
        bought, sold = by_expiration(right & longs), by_expiration(right & shorts)
        return [Side(*rows) for rows in zip(bought, sold, strict=True)]

    boards = zip(sides(chain.is_call), sides(~chain.is_call), strict=True)
    return [
        Board(calls, puts, chain.strike)
        for calls, puts in boards
        if len(calls.longs) + len(puts.longs) and len(calls.shorts) + len(puts.shorts)
    ]


def blocks_of(strategy: Strategy, boards: list[Board]) -> Iterator[Rows]:
    """The blocks of all expirations, small ones joined."""
    waiting: list[Rows] = []
    size = 0
    for board in boards:
        for block in strategy.blocks(board):
            waiting.append(block)
            size += len(block)
            if size >= BLOCK:
                yield np.concatenate(waiting)
                waiting, size = [], 0
    if waiting:
        yield np.concatenate(waiting)
