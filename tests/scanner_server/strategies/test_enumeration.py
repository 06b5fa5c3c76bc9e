"""Strategies enumerate exactly the legs they are defined by, in bounded blocks."""

import numpy as np
import pytest
from hypothesis import given, settings

from scanner_server.ranking.forming import touching
from scanner_server.strategies.joining import BLOCK, Steps, above, everything, join, single
from scanner_server.strategies.registry import STRATEGIES, resolve
from scanner_server.strategies.strategy import Pools, Strategy
from tests.scanner_server.reference.strategies import DEFINITIONS
from tests.scanner_server.strategies.pools import (
    CHAIN,
    EVERY,
    FLAGS,
    SHARE,
    check_enumeration,
    formed,
    pools,
)

each_strategy = pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda s: s.name)


def test_every_strategy_has_a_definition_of_the_same_legs() -> None:
    declared = {s.name: [(leg.quantity, leg.kind) for leg in s.legs] for s in STRATEGIES}
    defined = {
        name: list(zip(of.quantities, (leg[-1] for leg in of.legs.split()), strict=True))
        for name, of in DEFINITIONS.items()
    }
    assert declared == defined
    assert len(declared) == len(STRATEGIES)


@each_strategy
@settings(deadline=None, max_examples=25)
@given(longs=FLAGS, shorts=FLAGS)
def test_same_legs_as_every_combination(strategy: Strategy, longs: np.ndarray, shorts: np.ndarray) -> None:
    check_enumeration(strategy, pools(strategy, longs, shorts))


@each_strategy
def test_same_legs_of_a_whole_chain(strategy: Strategy) -> None:
    check_enumeration(strategy, pools(strategy, EVERY, EVERY))


@each_strategy
@settings(deadline=None, max_examples=25)
@given(longs=FLAGS, shorts=FLAGS, changed=FLAGS)
def test_spreads_of_changed_contracts_are_formed_once(
    strategy: Strategy, longs: np.ndarray, shorts: np.ndarray, changed: np.ndarray
) -> None:
    of = pools(strategy, longs, shorts)
    found = [
        rows
        for some in touching(of, np.flatnonzero(changed).astype(np.int32))
        for rows in formed(strategy, some)
    ]
    assert sorted(found) == sorted(rows for rows in formed(strategy, of) if changed[list(rows)].any())


@each_strategy
def test_sold_for_credit_means_a_payoff_never_above_zero(strategy: Strategy) -> None:
    spreads = np.array(formed(strategy, pools(strategy, EVERY, EVERY)))
    expirations = np.append(CHAIN.expiration, -1)[spreads]
    if any(len(set(of) - {-1}) > 1 for of in expirations.tolist()):
        assert not strategy.sold_for_credit  # what is left of the far leg may be worth anything
        return
    strike, is_put = np.append(CHAIN.strike, 0)[spreads], np.append(~CHAIN.is_call, False)[spreads]
    share = np.linspace(0, 300, 3001)[:, None, None]
    payoff = np.maximum(np.where(is_put, strike - share, share - strike), 0) @ np.array(strategy.quantities)
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


def test_single_legs_come_in_bounded_blocks() -> None:
    rows = np.arange(BLOCK + 5, dtype=np.int32)
    assert [len(block) for block in Steps(()).form(Pools((rows,), np.arange(len(rows))))] == [BLOCK, 5]


def test_steps_count_what_they_form_whatever_their_length() -> None:
    rows = np.arange(7, dtype=np.int32)
    of = Pools((rows,) * 5, np.arange(7))
    steps = Steps((above, everything, above, above))
    spreads = np.concatenate(list(steps.form(of)))
    assert steps.count(of) == len(spreads) == 21 * 35
    assert len(np.unique(spreads, axis=0)) == len(spreads)


def test_without_the_share_there_is_no_spread_with_it() -> None:
    bought = EVERY.copy()
    bought[SHARE] = False
    for strategy in resolve(["covered_call", "protective_put", "collar"]):
        assert formed(strategy, pools(strategy, bought, EVERY)) == []


def test_families_stand_for_their_members() -> None:
    assert [s.name for s in resolve(["vertical"])] == ["bull_call", "bear_call", "bull_put", "bear_put"]
    assert [s.name for s in resolve(["iron_condor", "bear_put", "iron_condor"])] == [
        "bear_put",
        "iron_condor",
    ]
    with pytest.raises(KeyError):
        resolve(["covered_wagon"])
