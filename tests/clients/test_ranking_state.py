import itertools

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st
from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.scan.v1.candidate_pb2 import Candidate, Leg
from spreadmesh.scan.v1.ranking_pb2 import Ranking, RankingDelta, Surface
from spreadmesh.scan.v1.scan_service_pb2 import StreamScanResponse
from spreadmesh_client.ranking import RankingState, SequenceGap

Scores = dict[int, float]


def candidates(scores: Scores) -> list[Candidate]:
    return [Candidate(candidate_id=i, score=score) for i, score in scores.items()]


def snapshot(scores: Scores, *, epoch: int = 1, sequence: int = 1, surface: int = 1) -> StreamScanResponse:
    ranking = Ranking(candidates=candidates(scores), surface=Surface(number=surface))
    return StreamScanResponse(epoch=epoch, sequence=sequence, snapshot=ranking)


def delta(
    before: Scores, after: Scores, *, epoch: int = 1, sequence: int, previous: int, surface: int | None = None
) -> StreamScanResponse:
    changed = {i: score for i, score in after.items() if before.get(i) != score}
    message = RankingDelta(previous_sequence=previous, changed=candidates(changed), order=list(after))
    if surface is not None:
        message.surface.number = surface
    return StreamScanResponse(epoch=epoch, sequence=sequence, delta=message)


def scores_of(ranking: Ranking) -> Scores:
    return {candidate.candidate_id: candidate.score for candidate in ranking.candidates}


rankings = st.dictionaries(st.integers(1, 30), st.floats(0, 1), max_size=12).flatmap(
    lambda scores: st.permutations(list(scores.items())).map(dict)
)


@given(st.lists(rankings, min_size=1, max_size=8))
def test_deltas_rebuild_every_ranking_in_its_order(steps: list[Scores]) -> None:
    state = RankingState()
    state.apply(snapshot(steps[0]))
    for sequence, (before, after) in enumerate(itertools.pairwise(steps), start=2):
        update = state.apply(delta(before, after, sequence=sequence, previous=sequence - 1))
        assert update is not None
        assert list(scores_of(update.ranking).items()) == list(after.items())
        assert update.changed == {i for i in after if before.get(i) != after[i]}


def test_a_delta_keeps_the_surface_unless_it_brings_one() -> None:
    state = RankingState()
    state.apply(snapshot({1: 0.5}, surface=7))
    kept = state.apply(delta({1: 0.5}, {1: 0.6}, sequence=2, previous=1))
    taken = state.apply(delta({1: 0.6}, {1: 0.7}, sequence=3, previous=2, surface=8))
    assert kept is not None
    assert taken is not None
    assert (kept.ranking.surface.number, taken.ranking.surface.number) == (7, 8)


def test_quotes_of_candidates_that_are_not_sent_again_grow_older_with_market_time() -> None:
    def aged(candidate_id: int, *ages: float) -> Candidate:
        return Candidate(
            candidate_id=candidate_id, quote_age=max(ages), legs=[Leg(quote_age=age) for age in ages]
        )

    def ages_of(candidate: Candidate) -> list[float]:
        return [candidate.quote_age, *(leg.quote_age for leg in candidate.legs)]

    state = RankingState()
    at = [Timestamp(seconds=1_450_000_000, nanos=nanos) for nanos in (0, 250_000_000, 750_000_000)]
    first = Ranking(market_time=at[0], candidates=[aged(1, 2.0, 5.0), aged(2, 1.0, 4.0)])
    began = state.apply(StreamScanResponse(epoch=1, sequence=1, snapshot=first))
    for sequence, (now, changed) in enumerate(zip(at[1:], ([aged(2, 0.5, 4.25)], []), strict=True), start=2):
        change = RankingDelta(previous_sequence=sequence - 1, market_time=now, changed=changed, order=[2, 1])
        update = state.apply(StreamScanResponse(epoch=1, sequence=sequence, delta=change))
    assert began is not None
    assert update is not None
    assert [ages_of(each) for each in update.ranking.candidates] == [[4.75, 1.0, 4.75], [5.75, 2.75, 5.75]]
    assert [ages_of(each) for each in began.ranking.candidates] == [[5.0, 2.0, 5.0], [4.0, 1.0, 4.0]]


def test_an_update_is_not_touched_by_later_deltas() -> None:
    state = RankingState()
    first = state.apply(snapshot({1: 0.5, 2: 0.4}))
    state.apply(delta({1: 0.5, 2: 0.4}, {2: 0.9}, sequence=2, previous=1))
    assert first is not None
    assert scores_of(first.ranking) == {1: 0.5, 2: 0.4}


@pytest.mark.parametrize(
    "response",
    [
        delta({}, {1: 0.1}, sequence=4, previous=3),
        delta({}, {1: 0.1}, sequence=2, previous=1, epoch=2),
        StreamScanResponse(epoch=1, sequence=2, delta=RankingDelta(previous_sequence=1, order=[9])),
        StreamScanResponse(epoch=1, sequence=2, heartbeat=Heartbeat()),
    ],
    ids=["sequence", "epoch", "unknown candidate", "heartbeat"],
)
def test_what_does_not_follow_is_a_gap(response: StreamScanResponse) -> None:
    state = RankingState()
    state.apply(snapshot({1: 0.5}))
    with pytest.raises(SequenceGap):
        state.apply(response)


def test_a_delta_before_any_snapshot_is_a_gap() -> None:
    with pytest.raises(SequenceGap):
        RankingState().apply(delta({}, {1: 0.1}, sequence=1, previous=0))


def test_heartbeats_are_no_updates() -> None:
    state = RankingState()
    assert state.apply(StreamScanResponse(heartbeat=Heartbeat())) is None
    state.apply(snapshot({1: 0.5}, sequence=4))
    assert state.apply(StreamScanResponse(epoch=1, sequence=4, heartbeat=Heartbeat())) is None
    assert repr(state) == "<RankingState epoch=1 sequence=4>"
