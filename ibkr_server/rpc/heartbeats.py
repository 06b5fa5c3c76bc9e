"""What a stream says when there is nothing else to say."""

from spreadmesh.common.v1.feed_pb2 import Heartbeat


def heartbeat(silence: float, *, stale: bool) -> Heartbeat:
    """Nothing was told for so many seconds; `stale`: because what is behind the stream is away."""
    beat = Heartbeat(stale=stale)
    beat.silence.FromNanoseconds(int(silence * 1e9))
    return beat
