"""One client's socket: frames in, bounded; what it is sent is the matter of :mod:`tws_sim.output`."""

import asyncio
import logging
import socket
import struct
from abc import ABC, abstractmethod
from collections import deque

from tws_sim.clock import Clock
from tws_sim.output import Output
from tws_sim.wire.framing import FrameReader, FramingError

log = logging.getLogger(__name__)

INBOX_LIMIT = 256
# On, and zero seconds: closing the socket sends RST.
_LINGER_ZERO = struct.pack("ii", 1, 0)


class Connection(Output, ABC):
    """Queues what arrives; what it means is the subclass's."""

    def __init__(self, clock: Clock, output_limit: int) -> None:
        super().__init__(output_limit)
        self._clock = clock
        self._frames = FrameReader()
        self._inbox: deque[bytes] = deque()
        self._arrived = asyncio.Event()

    @abstractmethod
    def opened(self) -> None:
        """The connection stands."""

    @abstractmethod
    def admits(self, now: float) -> bool:
        """Whether a frame that has arrived at ``now`` (monotonic seconds) is to be queued."""

    @abstractmethod
    def ended(self) -> None:
        """The connection is gone."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        super().connection_made(transport)
        self.opened()

    def data_received(self, data: bytes) -> None:
        """Stamp and queue what has arrived; stop reading beyond a bound."""
        now = self._clock.monotonic()
        try:
            for payload in self._frames.feed(data):
                if not self.closed and self.admits(now):
                    self._inbox.append(payload)
        except FramingError as problem:
            log.warning("closing a client: %s", problem)
            self.close()
        if len(self._inbox) > INBOX_LIMIT and self._transport is not None:
            self._transport.pause_reading()
        self._arrived.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake whoever waits for the client."""
        super().connection_lost(exc)
        self._arrived.set()
        self.ended()

    async def next_frame(self) -> bytes | None:
        """The next frame in the order of arrival; None once the connection is closed."""
        while not self._inbox and not self.closed:
            self._arrived.clear()
            await self._arrived.wait()
        if self.closed:
            return None
        payload = self._inbox.popleft()
        if not self._inbox and not self.held:
            self._read_on()
        return payload

    def _read_on(self) -> None:
        if self._transport is None or self._transport.is_closing() or self._transport.is_reading():
            return
        self._transport.resume_reading()

    def hold(self) -> None:
        """Read and write nothing until :meth:`release`; the socket stays open."""
        super().hold()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def release(self) -> None:
        """Go on reading and writing."""
        super().release()
        if not self.held:
            self._read_on()

    def close(self) -> None:
        """Send what is queued and end the connection."""
        self.flush()
        if self.wire is not None:
            self.wire.hurry(self)
        self.closed = True
        self._arrived.set()
        self._eased.set()
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """End the connection at once, unsent output or not."""
        self.close()
        if self._transport is not None:
            self._transport.abort()

    def reset(self) -> None:
        """End the connection with RST instead of FIN."""
        if self._transport is None or self._transport.is_closing():
            return
        peer: socket.socket = self._transport.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        self.abort()
