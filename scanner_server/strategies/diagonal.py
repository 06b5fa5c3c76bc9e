"""Diagonals: one right, the near expiration sold and a later one of another strike bought."""

from collections.abc import Iterator

from scanner_server.columns import Rows
from scanner_server.strategies import calendar
from scanner_server.strategies.joining import join, later, single
from scanner_server.strategies.strategy import Leg, Pools, Strategy, strike_of


def form(pools: Pools) -> Iterator[Rows]:
    """Every pair of expirations and strikes but for the calendars."""
    near, far = pools.legs
    for pairs in join(single(near), single(far), later(pools.keys(0), pools.keys(1))):
        strikes = strike_of(pools.key[pairs])
        yield pairs[strikes[:, 0] != strikes[:, 1]]


def count(pools: Pools) -> int:
    """How many pairs there are."""
    return later(pools.keys(0), pools.keys(1)).size - calendar.count(pools)


DIAGONALS: tuple[Strategy, ...] = (
    Strategy(
        "call_diagonal",
        "diagonal",
        "Near call sold, later call of another strike bought.",
        (Leg("C", -1), Leg("C", 1)),
        form,
        count,
    ),
    Strategy(
        "put_diagonal",
        "diagonal",
        "Near put sold, later put of another strike bought.",
        (Leg("P", -1), Leg("P", 1)),
        form,
        count,
    ),
)
