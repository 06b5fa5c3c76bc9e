"""Trying out a strategy on a small made-up chain: what scans rely on is checked before any scan.

The figures walk the legs in their order, and compiled loops index rows unchecked: a strategy that breaks its
word would not fail, it would rank wrongly.
"""

import re
from collections.abc import Iterator

import numpy as np

from scanner_server.columns import Flags, Floats, Ints, Rows
from scanner_server.ranking.top_k import MOST_LEGS
from scanner_server.strategies.strategy import SHARE_KEY, Pools, Strategy, expiration_of, key_of, strike_of

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_STRIKES = np.array([75.0, 80.0, 85.0, 87.5, 90.0, 100.0, 110.0, 112.5])
_EXPIRATIONS = 3


def try_out(strategy: Strategy) -> None:
    """Check the declaration, and what is formed of a whole chain and of parts of it.

    Raises:
        ValueError: says what is wrong.
    """
    _check_declaration(strategy)
    key, of_kind = _chain()
    everything = Pools(tuple(of_kind[leg.kind] for leg in strategy.legs), key)
    formed = _checked(strategy, everything)
    for some in _parts(len(key)):
        pools = everything.drawing(tuple(rows[some[rows]] for rows in everything.legs))
        expected = {spread for spread in formed if some[list(spread)].all()}
        _require(_checked(strategy, pools) == expected, "a spread depends on contracts that are not its legs")


def _check_declaration(strategy: Strategy) -> None:
    for name in (strategy.name, strategy.family):
        _require(isinstance(name, str) and _NAME.fullmatch(name) is not None, f"{name!r} is not a name")
    described = isinstance(strategy.description, str) and bool(strategy.description.strip())
    _require(described, "it has no description")
    legs = strategy.legs
    _require(isinstance(legs, tuple) and 1 <= len(legs) <= MOST_LEGS, f"it must have 1 to {MOST_LEGS} legs")
    for kind, quantity in legs:
        _require(kind in ("C", "P", "S"), f"a leg is of kind {kind!r}, not C, P or S")
        _require(type(quantity) is int and quantity != 0, f"a leg has the quantity {quantity!r}")
    kinds = [leg.kind for leg in legs]
    _require("S" not in kinds[1:], "the share must be the first leg, and once")
    _require(kinds != ["S"], "it has no option among its legs")


def _checked(strategy: Strategy, pools: Pools) -> set[tuple[int, ...]]:
    """The spreads that a strategy forms, each as it must be."""
    blocks = list(strategy.form(pools))
    for block in blocks:
        whole = isinstance(block, np.ndarray) and block.dtype == np.int32 and block.flags.c_contiguous
        shaped = whole and block.ndim == 2 and block.shape[1] == len(strategy.legs)
        _require(shaped, f"it must form C-contiguous int32 arrays of shape (b, {len(strategy.legs)})")
    spreads = np.concatenate([np.empty((0, len(strategy.legs)), np.int32), *blocks])
    for leg, rows in enumerate(pools.legs):
        _require(bool(np.isin(spreads[:, leg], rows).all()), f"leg {leg} is not from its pool")
    _check_order(pools.key[spreads])
    found = {tuple(spread) for spread in spreads.tolist()}
    _require(len(found) == len(spreads), "it forms a spread twice")
    _require(all(len(set(spread)) == len(spread) for spread in found), "a spread has a contract twice")
    if strategy.count is not None:
        number = strategy.count(pools)
        _require(number == len(found), f"it counts {number} spreads where it forms {len(found)}")
    if strategy.sold_for_credit:
        _require(not _pays(strategy, pools.key[spreads]), "it is sold_for_credit and yet pays above zero")
    return found


def _check_order(keys: Ints) -> None:
    """Keys of the legs of each spread; shape (b, legs)."""
    _require(bool((np.diff(keys) >= 0).all()), "legs must stand by expiration, then strike")
    changes = np.count_nonzero(np.diff(expiration_of(keys)), axis=1)
    _require(bool((changes <= 1).all()), "a spread has more than two expirations, or two and the share")


def _pays(strategy: Strategy, keys: Ints) -> bool:
    """Whether a spread pays above zero at 0, at a strike or far up, or has two expirations: then it may."""
    expirations = expiration_of(keys[:, [leg.kind != "S" for leg in strategy.legs]])
    if (expirations[:, 0] != expirations[:, -1]).any():
        return True
    strike = np.where(keys == SHARE_KEY, 0, strike_of(keys)) / 1000
    share: Floats = np.concatenate([[0.0], _STRIKES, [1e6]])[:, None, None]
    is_put = np.array([leg.kind == "P" for leg in strategy.legs])
    payoff = np.maximum(np.where(is_put, strike - share, share - strike), 0) @ np.array(strategy.quantities)
    return bool((payoff > 0).any())


def _chain() -> tuple[Ints, dict[str, Rows]]:
    """Keys of calls and puts of some expirations and of the share, and the rows of each kind."""
    expiration = np.repeat(np.arange(_EXPIRATIONS, dtype=np.int64), 2 * len(_STRIKES))
    strike = np.tile(_STRIKES, 2 * _EXPIRATIONS)
    rows = np.arange(len(strike), dtype=np.int32)
    is_call = rows // len(_STRIKES) % 2 == 0
    share = np.array([len(rows)], np.int32)
    key = np.append(key_of(expiration, strike), SHARE_KEY)
    return key, {"C": rows[is_call], "P": rows[~is_call], "S": share}


def _parts(rows: int) -> Iterator[Flags]:
    """None of the contracts, and draws of many and of few."""
    rng = np.random.default_rng(1)
    for share in (0.0, 0.9, 0.8, 0.6, 0.6, 0.4, 0.4, 0.3):
        yield rng.random(rows) < share


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
