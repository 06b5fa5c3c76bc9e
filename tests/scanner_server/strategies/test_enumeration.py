"""Strategies enumerate exactly the legs they are defined by, in bounded blocks."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner_server.book.chain import Chain
from scanner_server.ranking.forming import touching
from scanner_server.strategies.joining import BLOCK, above, join, single
from scanner_server.strategies.registry import STRATEGIES, resolve
from scanner_server.strategies.strategy import Pools, Strategy, keys_of

STRIKES = (90.0, 95.0, 100.0, 105.0, 112.5)
CONTRACTS = [(e, call, strike) for e in range(2) for call in (True, False) for strike in STRIKES]
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


def pools(strategy: Strategy, longs: np.ndarray, shorts: np.ndarray) -> Pools:
    kinds = {"C": np.append(CHAIN.is_call, False), "P": np.append(~CHAIN.is_call, False)}
    kinds["S"] = ~kinds["C"] & ~kinds["P"]
    legs = (kinds[leg.kind] & (longs if leg.quantity > 0 else shorts) for leg in strategy.legs)
    return Pools(tuple(np.flatnonzero(leg).astype(np.int32) for leg in legs), keys_of(CHAIN))


def is_in_order(rows: tuple[int, ...]) -> bool:
    """One expiration, strikes ascending."""
    return len({CHAIN.expiration[row] for row in rows}) == 1 and bool(
        (np.diff(CHAIN.strike[[*rows]]) > 0).all()
    )


def brute_force(of: Pools) -> set[tuple[int, ...]]:
    return {rows for rows in product(*(leg.tolist() for leg in of.legs)) if is_in_order(rows)}


def formed(strategy: Strategy, of: Pools) -> list[tuple[int, ...]]:
    blocks = list(strategy.form(of))
    assert all(block.dtype == np.int32 and len(block) <= BLOCK for block in blocks)
    return [tuple(rows) for block in blocks for rows in block.tolist()]


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda s: s.name)
@given(longs=FLAGS, shorts=FLAGS)
def test_same_legs_as_every_combination(strategy: Strategy, longs: np.ndarray, shorts: np.ndarray) -> None:
    of = pools(strategy, longs, shorts)
    found = formed(strategy, of)
    assert len(found) == len(set(found))
    assert set(found) == brute_force(of)
    if strategy.count is not None:
        assert strategy.count(of) == len(found)


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda s: s.name)
@given(longs=FLAGS, shorts=FLAGS, changed=FLAGS)
def test_spreads_of_changed_contracts_are_formed_once(
    strategy: Strategy, longs: np.ndarray, shorts: np.ndarray, changed: np.ndarray
) -> None:
    of = pools(strategy, longs, shorts)
    found = [rows for some in touching(of, changed) for rows in formed(strategy, some)]
    assert sorted(found) == sorted(rows for rows in formed(strategy, of) if changed[list(rows)].any())


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda s: s.name)
def test_sold_for_credit_means_a_payoff_never_above_zero(strategy: Strategy) -> None:
    share = np.linspace(0, 300, 3001)
    payoff = sum(
        quantity * np.maximum(share - strike if kind == "C" else strike - share, 0)
        for (kind, quantity), strike in zip(strategy.legs, STRIKES, strict=False)
    )
    assert strategy.sold_for_credit == bool((payoff <= 1e-9).all())


def test_blocks_are_bounded_and_lose_nothing() -> None:
    keys, rows = np.arange(400), single(np.arange(400, dtype=np.int32))
    ranges = above(keys, keys)
    blocks = list(join(rows, rows, ranges))
    assert max(len(block) for block in blocks) == BLOCK
    pairs = np.concatenate(blocks)
    assert len(pairs) == ranges.size == 400 * 399 // 2
    assert (pairs[:, 1] > pairs[:, 0]).all()
    assert len(np.unique(pairs, axis=0)) == len(pairs)


def test_families_stand_for_their_members() -> None:
    assert [s.name for s in resolve(["vertical"])] == ["bull_call", "bear_call", "bull_put", "bear_put"]
    assert [s.name for s in resolve(["iron_condor", "bear_put", "iron_condor"])] == [
        "bear_put",
        "iron_condor",
    ]
    with pytest.raises(KeyError):
        resolve(["covered_wagon"])
