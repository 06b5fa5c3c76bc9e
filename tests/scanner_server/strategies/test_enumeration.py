"""Strategies enumerate exactly the legs they are defined by, in bounded blocks."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner_server.strategies.joining import BLOCK, count_above, joined_above
from scanner_server.strategies.registry import STRATEGIES, resolve
from scanner_server.strategies.strategy import Board, Side, Strategy

STRIKES = np.repeat([90.0, 95.0, 100.0, 105.0, 110.0], 2)
ROWS = st.lists(st.integers(0, 4), unique=True).map(sorted)


def board(longs: list[int], shorts: list[int], put_longs: list[int], put_shorts: list[int]) -> Board:
    """Row 2k is the call and 2k + 1 the put of strike k."""

    def rows(places: list[int], right: int) -> np.ndarray:
        return np.array([2 * place + right for place in places], np.int32)

    return Board(
        Side(rows(longs, 0), rows(shorts, 0)), Side(rows(put_longs, 1), rows(put_shorts, 1)), STRIKES
    )


def brute_force(strategy: Strategy, of: Board) -> set[tuple[int, ...]]:
    choices = []
    for right, quantity in zip(strategy.rights, strategy.quantities, strict=True):
        side = of.calls if right == "C" else of.puts
        choices.append((side.longs if quantity > 0 else side.shorts).tolist())
    return {rows for rows in product(*choices) if (np.diff(STRIKES[list(rows)]) > 0).all()}


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda s: s.name)
@given(longs=ROWS, shorts=ROWS, put_longs=ROWS, put_shorts=ROWS)
def test_same_legs_as_every_combination(strategy: Strategy, longs, shorts, put_longs, put_shorts) -> None:
    of = board(longs, shorts, put_longs, put_shorts)
    found = [tuple(rows) for block in strategy.blocks(of) for rows in block.tolist()]
    assert len(found) == len(set(found)) == strategy.count(of)
    assert set(found) == brute_force(strategy, of)


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda s: s.name)
def test_sold_for_credit_means_a_payoff_never_above_zero(strategy: Strategy) -> None:
    share = np.linspace(0, 300, 3001)
    strikes = [90.0, 95.0, 105.0, 110.0][: len(strategy.rights)]
    payoff = sum(
        quantity * np.maximum(share - strike if right == "C" else strike - share, 0)
        for right, quantity, strike in zip(strategy.rights, strategy.quantities, strikes, strict=True)
    )
    assert strategy.sold_for_credit == bool((payoff <= 1e-9).all())
    assert strategy.sold_for_credit != bool((payoff >= -1e-9).all())


def test_blocks_are_bounded_and_lose_nothing() -> None:
    keys = np.arange(400.0)
    blocks = list(joined_above(keys, keys))
    assert max(len(i) for i, _ in blocks) == BLOCK
    pairs = np.concatenate([np.column_stack(block) for block in blocks])
    assert len(pairs) == count_above(keys, keys) == 400 * 399 // 2
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
