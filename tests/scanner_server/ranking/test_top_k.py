"""The bounded heap keeps what a full sort keeps, in its order, ties included."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner_server.ranking.top_k import best_first, empty_top, offer

CON_IDS = np.array([50, 20, 90, 10, 70, 30], np.int64)
LEGS = st.lists(st.integers(0, 5), min_size=1, max_size=4, unique=True)
SPREADS = st.tuples(st.sampled_from([0.25, 0.5, 0.75]), st.sampled_from([1.0, 2.0]), st.integers(0, 3), LEGS)


def order(spread: tuple[float, float, int, list[int]]) -> tuple[float, float, list[int], int]:
    value, loss, strategy, rows = spread
    return -value, loss, [int(CON_IDS[row]) for row in rows], strategy


@settings(deadline=None)
@given(
    spreads=st.lists(SPREADS, max_size=60, unique_by=lambda s: (s[2], tuple(s[3]))), limit=st.integers(1, 12)
)
def test_same_as_sorting_everything(spreads: list[tuple[float, float, int, list[int]]], limit: int) -> None:
    top = empty_top(limit, CON_IDS)
    for value, loss, strategy, rows in spreads:
        offer(top, value, loss, strategy, np.array(rows, np.int32))
    kept = [
        (
            float(top.value[i]),
            float(top.loss[i]),
            int(top.strategy[i]),
            [r for r in top.rows[i].tolist() if r >= 0],
        )
        for i in best_first(top)
    ]
    assert kept == sorted(spreads, key=order)[:limit]
