"""Pools to draw legs from, and whether what a strategy forms of them is what its definition says."""

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from scanner_server.book.chain import Chain
from scanner_server.filters.contracts import CREDIT_SHORT, LONG, SHORT
from scanner_server.ranking.forming import Pooling
from scanner_server.strategies.joining import BLOCK
from scanner_server.strategies.strategy import Pools, Strategy
from tests.scanner_server.reference.strategies import combinations

# Neither evenly spaced nor the same in every expiration; in floats 0.1 + 0.3 is not 2 x 0.2.
STRIKES = (0.1, 0.2, 0.3, 90.0, 95.0, 100.0, 105.01)
CONTRACTS = [(e, call, strike) for e in range(3) for call in (True, False) for strike in STRIKES[e : e + 5]]
CHAIN = Chain.of(
    "X",
    100,
    con_id=range(1, len(CONTRACTS) + 1),
    expiration=[f"2016-0{e + 1}-15" for e, _, _ in CONTRACTS],
    expires_at=[1.5e9 + e for e, _, _ in CONTRACTS],
    strike=[strike for _, _, strike in CONTRACTS],
    is_call=[call for _, call, _ in CONTRACTS],
    trading_class=["X"] * len(CONTRACTS),
)
SHARE = len(CHAIN)
FLAGS = st.lists(st.booleans(), min_size=SHARE + 1, max_size=SHARE + 1).map(np.array)
EVERY = np.ones(SHARE + 1, np.bool_)
_POOLING = Pooling(CHAIN)


class Place(NamedTuple):
    row: int
    expires_at: float
    call: bool
    strike: float


PLACES = [Place(row, 1.5e9 + e, call, strike) for row, (e, call, strike) in enumerate(CONTRACTS)]
PLACES.append(Place(SHARE, 0.0, True, 0.0))


def pools(strategy: Strategy, longs: np.ndarray, shorts: np.ndarray) -> Pools:
    return _POOLING.pools(strategy, longs * LONG + shorts * (SHORT | CREDIT_SHORT))


def formed(strategy: Strategy, of: Pools) -> list[tuple[int, ...]]:
    blocks = list(strategy.form(of))
    assert all(block.dtype == np.int32 and block.flags.c_contiguous for block in blocks)
    assert all(block.shape[1] == len(strategy.legs) and len(block) <= BLOCK for block in blocks)
    return [tuple(rows) for block in blocks for rows in block.tolist()]


def check_enumeration(strategy: Strategy, of: Pools) -> None:
    """That a strategy forms each spread of its definition once, and nothing else, and counts as many."""
    found = formed(strategy, of)
    places = [[PLACES[row] for row in leg] for leg in of.legs]
    defined = {tuple(place.row for place in legs) for legs in combinations(strategy.name, *places)}
    assert len(found) == len(set(found)), "a spread is formed twice"
    assert set(found) == defined
    if strategy.count is not None:
        assert strategy.count(of) == len(found), "another number is counted than formed"
