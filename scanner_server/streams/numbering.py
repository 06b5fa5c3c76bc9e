"""The messages of one StreamScan call: a snapshot for each spec, then numbered deltas."""

from google.protobuf.duration_pb2 import Duration
from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.scan.v1.ranking_pb2 import Ranking
from spreadmesh.scan.v1.scan_service_pb2 import StreamScanResponse

from scanner_server.streams.delta import delta, named
from scanner_server.streams.scan_stream import Fresh, Silence
from scanner_server.translation.surface import without_smiles


class Numbering:
    """Remembers the last ranking sent, as its receiver does."""

    def __init__(self, epoch: int, *, include_smiles: bool) -> None:
        self._epoch = epoch
        self._include_smiles = include_smiles
        self._sequence = 0
        self._last: Ranking | None = None
        self._first_free_id = 1

    def __repr__(self) -> str:
        return f"<Numbering epoch={self._epoch} sequence={self._sequence}>"

    def response(self, event: Fresh | Silence) -> StreamScanResponse:
        """The next message of the stream."""
        if isinstance(event, Silence):
            heartbeat = heartbeat_message(event)
            return StreamScanResponse(epoch=self._epoch, sequence=self._sequence, heartbeat=heartbeat)
        previous, previous_sequence = self._last, self._sequence
        ranking, self._first_free_id = named(event.ranked.message, previous, self._first_free_id)
        if not self._include_smiles:
            without_smiles(ranking.surface)
        self._last = ranking
        self._sequence += 1
        response = StreamScanResponse(epoch=self._epoch, sequence=self._sequence)
        if previous is None or event.is_first:
            response.snapshot.CopyFrom(ranking)
        else:
            response.delta.CopyFrom(delta(previous, ranking, previous_sequence))
        return response


def heartbeat_message(silence: Silence) -> Heartbeat:
    """A silence as a message."""
    duration = Duration()
    duration.FromNanoseconds(round(max(silence.seconds, 0.0) * 1e9))
    return Heartbeat(silence=duration, stale=silence.stale)
