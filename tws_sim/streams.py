"""What a request brings about again and again until it is cancelled: bars, depth, single ticks, scans."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from tws_sim.market.instrument import Instrument

if TYPE_CHECKING:
    from tws_sim.session import Session


class Key(NamedTuple):
    """A stream's request: kinds count their ids apart."""

    kind: str
    request_id: int


class Stream(ABC):
    """One request's messages, at most one batch every ``interval`` seconds of market time."""

    interval = 5.0
    takes_line = False
    item: Instrument | None = None
    """The contract whose data it brings, if it is one."""

    def __init__(self) -> None:
        self._last = float("-inf")

    @abstractmethod
    def messages(self, now: float) -> list[bytes]:
        """What is to be sent at this instant (seconds since 1970, on the market's clock)."""

    def due(self, now: float) -> list[bytes]:
        """Messages of this instant; none before the interval is over. Batches start at multiples of it."""
        if now // self.interval <= self._last:
            return []
        self._last = now // self.interval
        return self.messages(now)


def start(session: "Session", key: Key, stream: Stream) -> bool:
    """Have a stream sent from now on; False when it takes a market data line and none is left."""
    gateway = session.gateway
    if stream.takes_line:
        if not gateway.lines.take():
            return False
        session.counters.lines(1)
        gateway.counters.total.lines(1)
    session.streams[key] = stream
    return True


def stop(session: "Session", key: Key) -> bool:
    """End a stream and free its line; False when there is none."""
    stream = session.streams.pop(key, None)
    if stream is not None and stream.takes_line:
        session.gateway.lines.free()
        session.counters.lines(-1)
        session.gateway.counters.total.lines(-1)
    return stream is not None


def count(session: "Session", kind: str) -> int:
    """Streams of one kind that run over all clients of the gateway."""
    return sum(key.kind == kind for one in session.gateway.sessions for key in one.streams)
