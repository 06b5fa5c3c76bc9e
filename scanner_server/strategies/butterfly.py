"""Butterflies: one right, K1 < K2 < K3, one bought, two sold, one bought; broken-wing: of unequal widths.

Widths are compared in thousandths of a USD, so that they are equal or not whatever a float makes of strikes.
"""

from collections.abc import Iterator
from typing import Literal

from scanner_server.columns import Ints, Rows
from scanner_server.strategies.joining import (
    Ranges,
    Steps,
    above,
    in_common_expirations,
    join,
    level,
    single,
)
from scanner_server.strategies.strategy import Leg, Pools, Strategy

_ANY_WIDTHS = Steps((above, above))


def form(pools: Pools) -> Iterator[Rows]:
    """K3 - K2 = K2 - K1."""
    pools = in_common_expirations(pools)
    for pairs, mirrored in _lower_wings(pools):
        yield from join(pairs, single(pools.legs[2]), level(mirrored, pools.keys(2)))


def count(pools: Pools) -> int:
    """How many there are."""
    return sum(level(mirrored, pools.keys(2)).size for _, mirrored in _lower_wings(pools))


def form_broken(pools: Pools) -> Iterator[Rows]:
    """K3 - K2 other than K2 - K1: on either side of the upper strike that would make them equal."""
    pools = in_common_expirations(pools)
    upper, keys = single(pools.legs[2]), pools.keys(2)
    for pairs, mirrored in _lower_wings(pools):
        higher, equal = above(pools.key[pairs[:, 1]], keys), level(mirrored, keys)
        yield from join(pairs, upper, Ranges(higher.start, equal.start))
        yield from join(pairs, upper, Ranges(equal.stop, higher.stop))


def count_broken(pools: Pools) -> int:
    """How many there are."""
    return _ANY_WIDTHS.count(pools) - count(pools)


def _lower_wings(pools: Pools) -> Iterator[tuple[Rows, Ints]]:
    """Rows of K1 and K2, with the key that K3 has where the widths are equal."""
    for pairs in join(single(pools.legs[0]), single(pools.legs[1]), above(pools.keys(0), pools.keys(1))):
        lower, middle = pools.key[pairs].T
        yield pairs, 2 * middle - lower


def _legs(kind: Literal["C", "P"]) -> tuple[Leg, ...]:
    return (Leg(kind, 1), Leg(kind, -2), Leg(kind, 1))


_EQUAL = "Wings of equal width bought around two {} sold: gains while the share stays near."
_BROKEN = "Wings of unequal width bought around two {} sold: leans to one side."

BUTTERFLIES: tuple[Strategy, ...] = (
    Strategy("call_butterfly", "butterfly", _EQUAL.format("calls"), _legs("C"), form, count),
    Strategy("put_butterfly", "butterfly", _EQUAL.format("puts"), _legs("P"), form, count),
    Strategy(
        "broken_wing_call_butterfly",
        "broken_wing_butterfly",
        _BROKEN.format("calls"),
        _legs("C"),
        form_broken,
        count_broken,
    ),
    Strategy(
        "broken_wing_put_butterfly",
        "broken_wing_butterfly",
        _BROKEN.format("puts"),
        _legs("P"),
        form_broken,
        count_broken,
    ),
)
