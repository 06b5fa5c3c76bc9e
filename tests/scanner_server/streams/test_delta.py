"""The algebra of deltas: what a receiver computes is the ranking that was meant."""

from copy import deepcopy

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st
from spreadmesh.scan.v1.candidate_pb2 import Candidate, Leg
from spreadmesh.scan.v1.ranking_pb2 import Ranking, RankingBasis, RankingDelta, Surface
from spreadmesh.scan.v1.scan_service_pb2 import StreamScanResponse
from spreadmesh_client.ranking import RankingState

from scanner_server.streams.delta import delta, key_of, named

BEGIN = 1_772_557_200


@st.composite
def rankings(draw: st.DrawFn) -> Ranking:
    """A few of twelve spreads in any order, with scores and quote times out of a few."""
    seconds = draw(st.integers(0, 5))
    picked = draw(st.lists(st.integers(1, 12), unique=True, max_size=8))
    candidates = []
    for number in picked:
        quoted = draw(st.integers(-3, 0))
        age = float(seconds - quoted)
        legs = [
            Leg(con_id=number, quantity=-1, quote_age=age),
            Leg(con_id=number + 1, quantity=1, quote_age=seconds + 4.0),
        ]
        candidates.append(
            Candidate(
                strategy="bear_call",
                score=draw(st.sampled_from([0.25, 0.5])),
                legs=legs,
                quote_age=seconds + 4.0,
            )
        )
    return Ranking(
        market_time=Timestamp(seconds=BEGIN + seconds),
        surface=Surface(number=draw(st.integers(1, 3)), spot=100.0),
        candidates=candidates,
        basis=RankingBasis(contracts_known=draw(st.integers(0, 3))),
    )


def applied(change: RankingDelta, previous: Ranking) -> Ranking:
    """The ranking after a delta, as a receiver computes it: what was not sent again ages with market time."""
    elapsed = (change.market_time.ToNanoseconds() - previous.market_time.ToNanoseconds()) / 1e9
    known = {candidate.candidate_id: deepcopy(candidate) for candidate in previous.candidates}
    for old in known.values():
        for part in (old, *old.legs):
            part.quote_age += elapsed
    known |= {candidate.candidate_id: candidate for candidate in change.changed}
    return Ranking(
        market_time=change.market_time,
        surface=change.surface if change.HasField("surface") else previous.surface,
        candidates=[known[candidate_id] for candidate_id in change.order],
        basis=change.basis,
    )


def summary(ranking: Ranking) -> list[tuple[int, float]]:
    return [(candidate.candidate_id, candidate.score) for candidate in ranking.candidates]


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
def test_deltas_applied_give_the_rankings(sequence: list[Ranking]) -> None:
    sent, free = named(sequence[0], None, 1)
    received = deepcopy(sent)
    for number, ranking in enumerate(sequence[1:], 1):
        before = sent
        sent, free = named(ranking, before, free)
        received = applied(delta(before, sent, number), received)
        assert same(received, sent)


@given(st.lists(rankings(), min_size=2, max_size=6))
def test_the_client_library_agrees(sequence: list[Ranking]) -> None:
    state, sent, free = RankingState(), *named(sequence[0], None, 1)
    state.apply(StreamScanResponse(epoch=1, sequence=1, snapshot=sent))
    for number, ranking in enumerate(sequence[1:], 1):
        before = sent
        sent, free = named(ranking, before, free)
        message = StreamScanResponse(epoch=1, sequence=number + 1, delta=delta(before, sent, number))
        update = state.apply(message)
        assert update is not None
        assert [c.candidate_id for c in update.ranking.candidates] == [
            c.candidate_id for c in sent.candidates
        ]
        assert [c.score for c in update.ranking.candidates] == [c.score for c in sent.candidates]


@given(rankings(), rankings())
def test_ids_name_one_spread_each(first: Ranking, second: Ranking) -> None:
    before, free = named(first, None, 1)
    after, _ = named(second, before, free)
    spreads: dict[int, object] = {}
    for candidate in (*before.candidates, *after.candidates):
        assert spreads.setdefault(candidate.candidate_id, key_of(candidate)) == key_of(candidate)
        assert candidate.candidate_id > 0


@given(rankings())
def test_only_time_passed_only_time_is_sent(ranking: Ranking) -> None:
    before, free = named(ranking, None, 1)
    later = deepcopy(ranking)
    later.market_time.seconds += 2
    for candidate in later.candidates:
        for part in (candidate, *candidate.legs):
            part.quote_age += 2.0
    after, _ = named(later, before, free)
    change = delta(before, after, 1)
    assert not change.changed
    assert not change.HasField("surface")
    assert same(applied(change, before), after)


def test_an_update_of_a_quote_alone_is_a_change() -> None:
    leg = Leg(con_id=1, quantity=1, quote_age=9.0)
    before, free = named(Ranking(candidates=[Candidate(legs=[leg], quote_age=9.0)]), None, 1)
    leg.quote_age = 0.0
    after, _ = named(Ranking(candidates=[Candidate(legs=[leg], quote_age=0.0)]), before, free)
    assert len(delta(before, after, 1).changed) == 1


def test_a_spread_that_comes_back_gets_another_id() -> None:
    one = Ranking(candidates=[Candidate(strategy="bull_put", legs=[Leg(con_id=1, quantity=1)])])
    first, free = named(one, None, 1)
    gone, free = named(Ranking(), first, free)
    again, free = named(one, gone, free)
    assert (first.candidates[0].candidate_id, again.candidates[0].candidate_id, free) == (1, 2, 3)
