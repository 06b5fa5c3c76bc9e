"""Christmas trees: one right, one bought, three sold, two bought, the first wing twice as wide as the second.

Calls have K2 - K1 = 2 (K3 - K2); puts are their mirror image.
"""

from collections.abc import Iterator

from scanner_server.columns import Rows
from scanner_server.strategies.joining import above, join, level, single
from scanner_server.strategies.strategy import Leg, Pools, Strategy


def form_calls(pools: Pools) -> Iterator[Rows]:
    """Pairs of the two upper legs, then the lower one at the strike that they tell."""
    lower, middle, upper = (single(rows) for rows in pools.legs)
    for pairs in join(middle, upper, above(pools.keys(1), pools.keys(2))):
        k2, k3 = pools.key[pairs].T
        for spreads in join(pairs, lower, level(k2 - 2 * (k3 - k2), pools.keys(0))):
            yield spreads[:, [2, 0, 1]].copy()


def form_puts(pools: Pools) -> Iterator[Rows]:
    """Pairs of the two lower legs, then the upper one at the strike that they tell."""
    lower, middle, upper = (single(rows) for rows in pools.legs)
    for pairs in join(lower, middle, above(pools.keys(0), pools.keys(1))):
        k1, k2 = pools.key[pairs].T
        yield from join(pairs, upper, level(k2 + 2 * (k2 - k1), pools.keys(2)))


CHRISTMAS_TREES = (
    Strategy(
        "call_christmas_tree",
        "christmas_tree",
        "Call bought at K1, three sold at K2, two bought at K3: gains most at K2.",
        (Leg("C", 1), Leg("C", -3), Leg("C", 2)),
        form_calls,
    ),
    Strategy(
        "put_christmas_tree",
        "christmas_tree",
        "Two puts bought at K1, three sold at K2, one bought at K3: gains most at K2.",
        (Leg("P", 2), Leg("P", -3), Leg("P", 1)),
        form_puts,
    ),
)
