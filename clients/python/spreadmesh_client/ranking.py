"""Rankings out of a stream of snapshots and deltas (spreadmesh/scan/v1/scan_service.proto)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spreadmesh.scan.v1.candidate_pb2 import Candidate
from spreadmesh.scan.v1.ranking_pb2 import Ranking, RankingDelta
from spreadmesh.scan.v1.scan_service_pb2 import StreamScanResponse

if TYPE_CHECKING:
    from google.protobuf.internal.containers import RepeatedCompositeFieldContainer


@dataclass(frozen=True)
class RankingUpdate:
    """A whole ranking and how it differs from the one before."""

    ranking: Ranking
    epoch: int
    sequence: int
    changed: frozenset[int]
    """candidate_id of the candidates that are new or have changed."""


class SequenceGap(Exception):  # noqa: N818 - a condition that a new snapshot cures, and not a failure
    """A message does not follow the last one: only a new snapshot helps."""


class RankingState:
    """The ranking of one stream. Feed it each response in turn, over breaks too if the stream is resumed."""

    def __init__(self) -> None:
        self._epoch = 0
        self._sequence = 0
        self._ranking: Ranking | None = None

    def __repr__(self) -> str:
        return f"<RankingState epoch={self._epoch} sequence={self._sequence}>"

    @property
    def point(self) -> tuple[int, int] | None:
        """Epoch and sequence from which a stream can go on; None before the first ranking."""
        return None if self._ranking is None else (self._epoch, self._sequence)

    def apply(self, response: StreamScanResponse) -> RankingUpdate | None:
        """The ranking after `response`; None for a heartbeat.

        Raises:
            SequenceGap: A delta or heartbeat of another epoch or sequence, or a delta that names a candidate
                which was never sent.
        """
        kind = response.WhichOneof("message")
        if kind == "snapshot":
            return self._keep(response, response.snapshot, response.snapshot.candidates)
        if self._ranking is not None and response.epoch != self._epoch:
            raise SequenceGap(f"epoch {response.epoch} after {self._epoch}")
        if kind == "delta":
            return self._keep(response, self._changed_by(response.delta), response.delta.changed)
        if self._ranking is not None and response.sequence != self._sequence:
            raise SequenceGap(f"heartbeat at {response.sequence} after {self._sequence}")
        return None

    def _keep(
        self, response: StreamScanResponse, ranking: Ranking, changed: Iterable[Candidate]
    ) -> RankingUpdate:
        self._epoch, self._sequence, self._ranking = response.epoch, response.sequence, ranking
        ids = frozenset(candidate.candidate_id for candidate in changed)
        return RankingUpdate(ranking, response.epoch, response.sequence, ids)

    def _changed_by(self, delta: RankingDelta) -> Ranking:
        if self._ranking is None or delta.previous_sequence != self._sequence:
            raise SequenceGap(f"a delta to {delta.previous_sequence} after {self._sequence}")
        sent = {candidate.candidate_id: candidate for candidate in delta.changed}
        known = {candidate.candidate_id for candidate in self._ranking.candidates}
        unknown = [i for i in delta.order if i not in sent and i not in known]
        if unknown:
            raise SequenceGap(f"candidates {unknown} were never sent")
        ranking = Ranking()
        ranking.CopyFrom(self._ranking)  # as a whole: one by one, copies cost ten times as much
        elapsed = (delta.market_time.ToNanoseconds() - ranking.market_time.ToNanoseconds()) / 1e9
        _rearrange(ranking.candidates, sent, delta.order, elapsed)
        ranking.market_time.CopyFrom(delta.market_time)
        ranking.basis.CopyFrom(delta.basis)
        if delta.HasField("surface"):
            ranking.surface.CopyFrom(delta.surface)
        return ranking


def _rearrange(
    listed: "RepeatedCompositeFieldContainer[Candidate]",
    sent: dict[int, Candidate],
    order: Iterable[int],
    seconds: float,
) -> None:
    """Make a list what it is some seconds later: those `sent` in place of the old ones, in this order."""
    places = {number: place for place, number in enumerate(order)}
    for place in reversed(range(len(listed))):
        number = listed[place].candidate_id
        if number not in places:
            del listed[place]
        elif number in sent:
            listed[place].CopyFrom(sent.pop(number))
        else:
            _age(listed[place], seconds)
    for number, candidate in sent.items():
        if number in places:
            listed.add().CopyFrom(candidate)
    listed.sort(key=lambda candidate: places[candidate.candidate_id])


def _age(candidate: Candidate, seconds: float) -> None:
    """Make it older: it is not sent again only because its quotes age."""
    candidate.quote_age += seconds
    for leg in candidate.legs:
        leg.quote_age += seconds
