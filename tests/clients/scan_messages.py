"""Messages of a scripted scan, and what is read out of its events."""

from typing import Any

from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.scan.v1.candidate_pb2 import Candidate
from spreadmesh.scan.v1.ranking_pb2 import Ranking, RankingDelta
from spreadmesh.scan.v1.scan_service_pb2 import StreamScanResponse
from spreadmesh.scan.v1.spec_pb2 import ScanSpec
from spreadmesh_client import RankingUpdate
from spreadmesh_client.streams import StreamLimits

from mesh.errors import MeshError, to_trailers

SPEC = ScanSpec(underlying="GOOG")
QUICK = StreamLimits(silence_seconds=5, patience_seconds=5)


def snapshot(sequence: int, *ids: int, epoch: int = 1) -> StreamScanResponse:
    ranking = Ranking(candidates=[Candidate(candidate_id=i) for i in ids])
    return StreamScanResponse(epoch=epoch, sequence=sequence, snapshot=ranking)


def delta(sequence: int, previous: int, *order: int) -> StreamScanResponse:
    changed = [Candidate(candidate_id=i, score=sequence) for i in order[:1]]
    message = RankingDelta(previous_sequence=previous, changed=changed, order=order)
    return StreamScanResponse(epoch=1, sequence=sequence, delta=message)


def ids(event: object) -> list[int]:
    assert isinstance(event, RankingUpdate)
    return [candidate.candidate_id for candidate in event.ranking.candidates]


def tells_of_a_loss(event: object) -> bool:
    return isinstance(event, Heartbeat) and event.stale


async def refuse(context: Any, error: MeshError) -> None:
    await context.abort(error.code, error.message, to_trailers(error))
