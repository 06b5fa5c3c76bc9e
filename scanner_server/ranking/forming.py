"""Which contracts each leg of a strategy may be."""

from collections.abc import Iterator

import numpy as np

from scanner_server.book.chain import Chain
from scanner_server.columns import Ints, Rows
from scanner_server.filters.contracts import CREDIT_SHORT, LONG, SHORT
from scanner_server.strategies.strategy import Pools, Strategy, keys_of


class Pooling:
    """Pools of a chain, whatever passes the leg filters at the time."""

    def __init__(self, chain: Chain) -> None:
        self._key = keys_of(chain)
        share = np.zeros(len(chain) + 1, np.bool_)
        share[-1] = True
        is_call = np.append(chain.is_call, np.False_)
        self._of_kind = {"C": is_call, "P": ~is_call & ~share, "S": share}

    def pools(self, strategy: Strategy, permits: Ints) -> Pools:
        """What a strategy draws from; `permits` has shape (n + 1,), as of `leg_permits`."""
        short = CREDIT_SHORT if strategy.sold_for_credit else SHORT
        legs = tuple(
            np.flatnonzero(self._of_kind[kind] & (permits & (LONG if quantity > 0 else short) > 0))
            for kind, quantity in strategy.legs
        )
        return Pools(tuple(rows.astype(np.int32) for rows in legs), self._key)


def touching(pools: Pools, changed: Rows) -> Iterator[Pools]:
    """Pools that form, between them, each spread with a changed contract once, and no other.

    The first changed leg of a spread is the first, the second … of them: those before it are drawn from what
    has not changed. `changed` are ascending rows, n for the share; shape (k,).
    """
    hits = [_places(rows, changed) for rows in pools.legs]
    for leg, hit in enumerate(hits):
        if len(hit):
            before = (
                np.delete(rows, other) if len(other) else rows
                for rows, other in zip(pools.legs[:leg], hits[:leg], strict=True)
            )
            yield pools.drawing((*before, pools.legs[leg][hit], *pools.legs[leg + 1 :]))


def _places(rows: Rows, changed: Rows) -> Ints:
    """Where the changed ones are among ascending rows."""
    if not len(rows):
        return np.empty(0, np.int64)
    places = np.searchsorted(rows, changed).clip(max=len(rows) - 1)
    found: Ints = places[rows[places] == changed]
    return found
