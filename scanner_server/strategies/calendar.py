"""Calendars: one right and strike, the near expiration sold and a later one bought."""

from collections.abc import Iterator

import numpy as np

from scanner_server.columns import Rows
from scanner_server.strategies.joining import Ranges, above, join, single
from scanner_server.strategies.strategy import Leg, Pools, Strategy, transposed


def form(pools: Pools) -> Iterator[Rows]:
    """Every pair of expirations, by the near one."""
    far, ranges = _far(pools)
    return join(single(pools.legs[0]), single(far), ranges)


def count(pools: Pools) -> int:
    """How many pairs there are."""
    return _far(pools)[1].size


def _far(pools: Pools) -> tuple[Rows, Ranges]:
    """Far rows by strike, then expiration, and those of each near row: a vertical in transposed keys."""
    far = pools.legs[1][np.argsort(transposed(pools.keys(1)))]
    return far, above(transposed(pools.keys(0)), transposed(pools.key[far]))


CALENDARS: tuple[Strategy, ...] = (
    Strategy(
        "call_calendar",
        "calendar",
        "Near call sold, later call of the same strike bought: gains while the share stays near.",
        (Leg("C", -1), Leg("C", 1)),
        form,
        count,
    ),
    Strategy(
        "put_calendar",
        "calendar",
        "Near put sold, later put of the same strike bought: gains while the share stays near.",
        (Leg("P", -1), Leg("P", 1)),
        form,
        count,
    ),
)
