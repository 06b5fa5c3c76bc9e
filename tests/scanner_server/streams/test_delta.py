"""The algebra of deltas: what a receiver computes is the ranking that was meant."""

from copy import deepcopy
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spreadmesh.scan.v1.ranking_pb2 import Ranking, RankingDelta
from spreadmesh.scan.v1.scan_service_pb2 import StreamScanResponse
from spreadmesh_client.ranking import RankingState

from scanner_server.live.ranked import Key, Ranked
from scanner_server.streams.delta import delta, numbers
from tests.scanner_server.streams.rankings import SURFACES, entry, ranked


@st.composite
def rankings(draw: st.DrawFn) -> Ranked:
    """A few of twelve spreads in any order, with scores and quote times out of a few."""
    picked = draw(st.lists(st.integers(1, 12), unique=True, max_size=8))
    entries = [
        entry(number, draw(st.sampled_from([0.25, 0.5])), draw(st.integers(-3, 0))) for number in picked
    ]
    return ranked(draw(st.integers(0, 5)), entries, draw(st.sampled_from(SURFACES)), draw(st.integers(0, 3)))


def whole(of: Ranked, ids: dict[Key, int]) -> Ranking:
    return of.numbered(list(ids.values()), include_smiles=True)


def change(before: Ranked, after: Ranked, ids: dict[Key, int], sequence: int) -> RankingDelta:
    return delta(before, after, ids, sequence, include_smiles=True)


def applied(message: RankingDelta, previous: Ranking) -> Ranking:
    """The ranking after a delta, as a receiver computes it: what was not sent again ages with market time."""
    elapsed = (message.market_time.ToNanoseconds() - previous.market_time.ToNanoseconds()) / 1e9
    known = {candidate.candidate_id: deepcopy(candidate) for candidate in previous.candidates}
    for old in known.values():
        for part in (old, *old.legs):
            part.quote_age += elapsed
    known |= {candidate.candidate_id: candidate for candidate in message.changed}
    return Ranking(
        market_time=message.market_time,
        surface=message.surface if message.HasField("surface") else previous.surface,
        candidates=[known[candidate_id] for candidate_id in message.order],
        basis=message.basis,
    )


def same(one: Ranking, other: Ranking) -> bool:
    """Equal, ages to a microsecond."""
    ages = [[part.quote_age for c in ranking.candidates for part in (c, *c.legs)] for ranking in (one, other)]
    assert ages[0] == pytest.approx(ages[1], abs=1e-6)
    copies = [deepcopy(one), deepcopy(other)]
    for ranking in copies:
        for candidate in ranking.candidates:
            for part in (candidate, *candidate.legs):
                part.quote_age = 0.0
    return copies[0] == copies[1]


@given(st.lists(rankings(), min_size=1, max_size=6))
def test_deltas_applied_give_the_rankings(sequence: list[Ranked]) -> None:
    ids, free = numbers(sequence[0], {}, 1)
    received = whole(sequence[0], ids)
    for number, (before, after) in enumerate(pairwise(sequence), 1):
        ids, free = numbers(after, ids, free)
        received = applied(change(before, after, ids, number), received)
        assert same(received, whole(after, ids))


@given(st.lists(rankings(), min_size=2, max_size=6))
def test_the_client_library_agrees(sequence: list[Ranked]) -> None:
    state = RankingState()
    ids, free = numbers(sequence[0], {}, 1)
    state.apply(StreamScanResponse(epoch=1, sequence=1, snapshot=whole(sequence[0], ids)))
    for number, (before, after) in enumerate(pairwise(sequence), 1):
        ids, free = numbers(after, ids, free)
        message = StreamScanResponse(epoch=1, sequence=number + 1, delta=change(before, after, ids, number))
        update = state.apply(message)
        assert update is not None
        assert [(c.candidate_id, c.score) for c in update.ranking.candidates] == [
            (ids[entry.key], entry.message.score) for entry in after.entries
        ]


@given(rankings(), rankings())
def test_ids_name_one_spread_each(first: Ranked, second: Ranked) -> None:
    before, free = numbers(first, {}, 1)
    after, _ = numbers(second, before, free)
    spreads: dict[int, Key] = {}
    for ids in (before, after):
        assert len(set(ids.values())) == len(ids)
        for key, candidate_id in ids.items():
            assert spreads.setdefault(candidate_id, key) == key
            assert candidate_id > 0


@given(rankings())
def test_only_time_passed_only_time_is_sent(first: Ranked) -> None:
    ids, _ = numbers(first, {}, 1)
    later = ranked(9, list(first.entries), first.surface)
    message = change(first, later, ids, 1)
    assert not message.changed
    assert not message.HasField("surface")
    assert same(applied(message, whole(first, ids)), whole(later, ids))


def test_an_update_of_a_quote_alone_is_a_change() -> None:
    first, second = (ranked(0, [entry(1, 0.5, quoted)], SURFACES[0]) for quoted in (-3, 0))
    ids, _ = numbers(first, {}, 1)
    assert [c.legs[0].quote_age for c in change(first, second, ids, 1).changed] == [0.0]


def test_a_spread_that_comes_back_gets_another_id() -> None:
    one, none = ranked(0, [entry(1, 0.5, 0)], SURFACES[0]), ranked(0, [], SURFACES[0])
    first, free = numbers(one, {}, 1)
    gone, free = numbers(none, first, free)
    again, free = numbers(one, gone, free)
    assert (list(first.values()), list(again.values()), free) == ([1], [2], 3)
