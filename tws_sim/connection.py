"""One client's socket: frames in, bounded; messages out, bounded."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections import deque

from tws_sim.clock import Clock
from tws_sim.wire.framing import FrameReader, FramingError

log = logging.getLogger(__name__)

INBOX_LIMIT = 256
_DRAIN_SECONDS = 60.0


class Connection(asyncio.Protocol, ABC):
    """Queues what arrives and batches what is sent; what it means is the subclass's."""

    def __init__(self, clock: Clock, output_limit: int) -> None:
        self.congested = False
        self.closed = False
        self._clock = clock
        self._output_limit = output_limit
        self._transport: asyncio.Transport | None = None
        self._frames = FrameReader()
        self._inbox: deque[bytes] = deque()
        self._outbox: list[bytes] = []
        self._arrived = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()

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
        """Keep the transport and bound its output."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - asyncio's TCP transports are
        self._transport = transport
        transport.set_write_buffer_limits(high=self._output_limit)
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

    def pause_writing(self) -> None:
        """The client reads too slowly: ticks are conflated from here on."""
        self.congested = True
        self._writable.clear()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self.congested = False
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake whoever waits for the client."""
        self.closed = True
        self._arrived.set()
        self._writable.set()
        self.ended()

    async def next_frame(self) -> bytes | None:
        """The next frame in the order of arrival; None once the connection is closed."""
        while not self._inbox and not self.closed:
            self._arrived.clear()
            await self._arrived.wait()
        if self.closed or self._transport is None:
            return None
        payload = self._inbox.popleft()
        if not self._inbox and not self._transport.is_reading() and not self._transport.is_closing():
            self._transport.resume_reading()
        return payload

    @property
    def buffered(self) -> int:
        """Bytes that wait for the client."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def send(self, *messages: bytes) -> None:
        """Queue messages for the next :meth:`flush`."""
        self._outbox += messages

    def flush(self) -> None:
        """Hand what is queued to the transport in one write."""
        if self._outbox and self._transport is not None and not self.closed:
            self._transport.write(b"".join(self._outbox))
        self._outbox.clear()

    async def drained(self) -> None:
        """Flush, let the others run, and wait until the client has room for more.

        Raises:
            TimeoutError: the client has read nothing for a minute.
        """
        self.flush()
        await asyncio.sleep(0)
        if self.congested:
            async with asyncio.timeout(_DRAIN_SECONDS):
                await self._writable.wait()

    def close(self) -> None:
        """Send what is queued and end the connection."""
        self.flush()
        self.closed = True
        self._arrived.set()
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """End the connection at once, unsent output or not."""
        self.close()
        self._writable.set()
        if self._transport is not None:
            self._transport.abort()
