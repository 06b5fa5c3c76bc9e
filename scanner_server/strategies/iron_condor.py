"""Iron condors: a put vertical below a call vertical, K1 < K2 < K3 < K4.

The iron condor (inner legs sold) pays nothing above zero: like a bear call it survives only as a credit
spread, and the bound on the short |delta| of credit spreads is laid on its short legs beforehand. Its
reverse pays nothing below zero and survives only as a debit.
"""

from collections.abc import Iterator

import numpy as np

from scanner_server.columns import Rows
from scanner_server.strategies.joining import above, join, single, whole
from scanner_server.strategies.strategy import Leg, Pools, Strategy, next_expiration


def form(pools: Pools) -> Iterator[Rows]:
    """Every put vertical with every call vertical above it."""
    outer_puts, inner_puts, inner_calls, outer_calls = (single(rows) for rows in pools.legs)
    puts = whole(join(outer_puts, inner_puts, above(pools.keys(0), pools.keys(1))), 2)
    calls = whole(join(inner_calls, outer_calls, above(pools.keys(2), pools.keys(3))), 2)
    return join(puts, calls, above(pools.key[puts[:, 1]], pools.key[calls[:, 0]]))


def count(pools: Pools) -> int:
    """How many there are: for each inner put, the put wings below times the call wings above."""
    outer_puts, inner_puts, inner_calls, outer_calls = (pools.keys(leg) for leg in range(4))
    start_of_expiration = np.searchsorted(outer_puts, next_expiration(inner_puts) - (1 << 32))
    put_wings = np.searchsorted(outer_puts, inner_puts) - start_of_expiration
    wings = above(inner_calls, outer_calls)
    up_to = np.concatenate([[0], np.cumsum(wings.stop - wings.start)])
    inner = above(inner_puts, inner_calls)
    return int(np.sum(put_wings * (up_to[inner.stop] - up_to[inner.start])))


def _condor(name: str, inner: int, description: str) -> Strategy:
    legs = (Leg("P", -inner), Leg("P", inner), Leg("C", inner), Leg("C", -inner))
    return Strategy(name, name, description, legs, form, count, sold_for_credit=inner < 0)


IRON_CONDORS: tuple[Strategy, ...] = (
    _condor("iron_condor", -1, "Put and call verticals sold: gains while the share stays inside."),
    _condor("reverse_iron_condor", 1, "Put and call verticals bought: gains on a wide move."),
)
