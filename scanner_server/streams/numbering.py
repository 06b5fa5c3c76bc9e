"""The messages of one stream of rankings: a snapshot for each spec, then numbered deltas."""

from collections.abc import Hashable
from dataclasses import dataclass

from google.protobuf.duration_pb2 import Duration
from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.scan.v1.ranking_pb2 import Ranking
from spreadmesh.scan.v1.scan_service_pb2 import StreamScanResponse

from scanner_server.streams.delta import delta, named
from scanner_server.streams.scan_stream import Fresh, Silence
from scanner_server.translation.surface import without_smiles


@dataclass(frozen=True, slots=True, eq=False)
class Sent:
    """What a receiver has of a stream, and all that is needed to go on with it.

    Attributes:
        epoch: of the stream.
        sequence: of the last ranking; 0 before the first.
        ranking: the last one, with candidate ids. Never changed.
        key: of the scan that it answers.
        first_free_id: the smallest candidate id not given yet.
    """

    epoch: int
    sequence: int = 0
    ranking: Ranking | None = None
    key: Hashable = None
    first_free_id: int = 1


class Numbering:
    """Remembers what was sent, as its receiver does.

    Attributes:
        sent: where the stream stands.
    """

    def __init__(self, sent: Sent, *, include_smiles: bool) -> None:
        self.sent = sent
        self._include_smiles = include_smiles

    def __repr__(self) -> str:
        return f"<Numbering epoch={self.sent.epoch} sequence={self.sent.sequence}>"

    def response(self, event: Fresh | Silence) -> StreamScanResponse:
        """The next message of the stream."""
        before = self.sent
        if isinstance(event, Silence):
            heartbeat = heartbeat_message(event)
            return StreamScanResponse(epoch=before.epoch, sequence=before.sequence, heartbeat=heartbeat)
        ranking, first_free_id = named(event.ranked.message, before.ranking, before.first_free_id)
        if not self._include_smiles:
            without_smiles(ranking.surface)
        self.sent = Sent(before.epoch, before.sequence + 1, ranking, event.asked.key, first_free_id)
        response = StreamScanResponse(epoch=before.epoch, sequence=self.sent.sequence)
        if before.ranking is None or event.is_first:
            response.snapshot.CopyFrom(ranking)
        else:
            response.delta.CopyFrom(delta(before.ranking, ranking, before.sequence))
        return response


def heartbeat_message(silence: Silence) -> Heartbeat:
    """A silence as a message."""
    duration = Duration()
    duration.FromNanoseconds(round(max(silence.seconds, 0.0) * 1e9))
    return Heartbeat(silence=duration, stale=silence.stale)
