"""Rankings of many underlyings, merged in whatever order they come, are the ranking over all candidates."""

from hypothesis import given
from hypothesis import strategies as st

from scanner_server.universe.merge import Place, Placed, merged

# Few values, so that ties of every kind come up.
PLACES = st.builds(
    Place,
    value=st.sampled_from([-1.0, -0.5, -0.0]),
    max_loss=st.sampled_from([1.0, 2.0, float("inf")]),
    con_ids=st.lists(st.integers(1, 4), min_size=1, max_size=2).map(tuple),
    strategy=st.sampled_from(["bear_call", "bull_put"]),
)
RANKINGS = st.lists(st.lists(PLACES, max_size=8).map(sorted), max_size=6)


@given(RANKINGS, st.integers(1, 10))
def test_the_best_of_all(rankings: list[list[Place]], limit: int) -> None:
    best: tuple[Placed[int], ...] = ()
    for number, ranking in enumerate(rankings):
        best = merged(best, [Placed(place, number) for place in ranking[:limit]], limit)
    every = sorted(place for ranking in rankings for place in ranking)
    assert [placed.place for placed in best] == every[:limit]


def test_the_order_is_that_of_a_ranking() -> None:
    in_order = [
        Place(-0.9, 5.0, (9, 9), "vertical"),
        Place(-0.8, 1.0, (9, 9), "vertical"),
        Place(-0.8, 2.0, (1, 5), "vertical"),
        Place(-0.8, 2.0, (1, 6), "vertical"),
        Place(-0.8, 2.0, (2, 1), "bear_call"),
        Place(-0.8, 2.0, (2, 1), "bull_put"),
    ]
    odd = [Placed(place, "odd") for place in in_order[1::2]]
    even = [Placed(place, "even") for place in in_order[::2]]
    assert [placed.place for placed in merged(odd, even, 10)] == in_order


def test_a_ranking_alone_keeps_its_order() -> None:
    """Its scores may differ in the last digit from those it was ordered by."""
    ranking = [Placed(Place(-value, 1.0, (1,), "vertical"), value) for value in (0.5, 0.5 + 1e-16 * 4, 0.4)]
    assert merged((), ranking, 3) == tuple(ranking)
