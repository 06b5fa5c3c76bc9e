"""The messages of one stream of rankings: a snapshot for each spec, then numbered deltas."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from google.protobuf.duration_pb2 import Duration
from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.scan.v1.scan_service_pb2 import StreamScanResponse

from scanner_server.live.ranked import Key, Ranked
from scanner_server.streams.delta import delta, numbers
from scanner_server.streams.scan_stream import Fresh, Silence


@dataclass(frozen=True, slots=True, eq=False)
class Sent:
    """What a receiver has of a stream, and all that is needed to go on with it.

    Attributes:
        epoch: of the stream.
        sequence: of the last ranking; 0 before the first.
        ranked: the last one.
        ids: of its candidates.
        key: of the scan that it answers.
        first_free_id: the smallest candidate id not given yet.
    """

    epoch: int
    sequence: int = 0
    ranked: Ranked | None = None
    ids: dict[Key, int] = field(default_factory=dict)
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
        ranked, smiles = event.ranked, self._include_smiles
        ids, first_free_id = numbers(ranked, before.ids, before.first_free_id)
        self.sent = Sent(before.epoch, before.sequence + 1, ranked, ids, event.asked.key, first_free_id)
        response = StreamScanResponse(epoch=before.epoch, sequence=self.sent.sequence)
        if before.ranked is None or event.is_first:
            response.snapshot.CopyFrom(ranked.numbered(list(ids.values()), include_smiles=smiles))
        else:
            change = delta(before.ranked, ranked, ids, before.sequence, include_smiles=smiles)
            response.delta.CopyFrom(change)
        return response


def heartbeat_message(silence: Silence) -> Heartbeat:
    """A silence as a message."""
    duration = Duration()
    duration.FromNanoseconds(round(max(silence.seconds, 0.0) * 1e9))
    return Heartbeat(silence=duration, stale=silence.stale)
