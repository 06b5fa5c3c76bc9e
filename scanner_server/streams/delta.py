"""What changed between two rankings of one stream; pure.

Candidates are named by a number. One that leaves and comes back gets another, so that what a receiver must
remember is the last ranking and nothing else.
"""

from google.protobuf.timestamp_pb2 import Timestamp
from spreadmesh.scan.v1.candidate_pb2 import Candidate
from spreadmesh.scan.v1.ranking_pb2 import Ranking, RankingDelta

from scanner_server.translation.times import NANOSECONDS

# Instants are doubles of unix seconds: a quarter of a microsecond apart at best.
AGE_TOLERANCE_SECONDS = 1e-5

Key = tuple[str, tuple[tuple[int, int], ...]]


def key_of(candidate: Candidate) -> Key:
    """What makes two candidates the same spread: strategy, contracts and quantities."""
    return candidate.strategy, tuple((leg.con_id, leg.quantity) for leg in candidate.legs)


def named(ranking: Ranking, previous: Ranking | None, first_free: int) -> tuple[Ranking, int]:
    """A copy with candidate ids: those of `previous` where a spread stays, else numbers from `first_free` on.

    Returns:
        The copy, and the first number that is still free.
    """
    known = {} if previous is None else {key_of(old): old.candidate_id for old in previous.candidates}
    copy = Ranking()
    copy.CopyFrom(ranking)
    for candidate in copy.candidates:
        candidate_id = known.get(key_of(candidate))
        if candidate_id is None:
            candidate_id, first_free = first_free, first_free + 1
        candidate.candidate_id = candidate_id
    return copy, first_free


def delta(previous: Ranking, ranking: Ranking, previous_sequence: int) -> RankingDelta:
    """What turns `previous` into `ranking`, both with candidate ids."""
    elapsed = _seconds_between(previous.market_time, ranking.market_time)
    before = {candidate.candidate_id: candidate for candidate in previous.candidates}
    message = RankingDelta(
        previous_sequence=previous_sequence,
        market_time=ranking.market_time,
        changed=[
            new for new in ranking.candidates if not _is_aged(before.get(new.candidate_id), new, elapsed)
        ],
        order=[candidate.candidate_id for candidate in ranking.candidates],
        basis=ranking.basis,
    )
    if ranking.surface != previous.surface:
        message.surface.CopyFrom(ranking.surface)
    return message


def _is_aged(old: Candidate | None, new: Candidate, elapsed: float) -> bool:
    """Whether `new` is `old` and nothing but time has passed: no quote of it was updated."""
    if old is None or len(old.legs) != len(new.legs):
        return False
    if old.score != new.score or old.theta != new.theta:
        return False
    ages = zip(_ages(old), _ages(new), strict=True)
    is_older = all(abs(after - before - elapsed) <= AGE_TOLERANCE_SECONDS for before, after in ages)
    return is_older and _without_ages(old) == _without_ages(new)


def _ages(candidate: Candidate) -> list[float]:
    return [candidate.quote_age, *(leg.quote_age for leg in candidate.legs)]


def _without_ages(candidate: Candidate) -> bytes:
    copy = Candidate()
    copy.CopyFrom(candidate)
    copy.ClearField("quote_age")
    for leg in copy.legs:
        leg.ClearField("quote_age")
    return copy.SerializeToString(deterministic=True)


def _seconds_between(before: Timestamp, after: Timestamp) -> float:
    return (after.ToNanoseconds() - before.ToNanoseconds()) / NANOSECONDS
