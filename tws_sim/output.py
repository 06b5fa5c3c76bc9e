"""The writing half of a client's connection: batched, bounded, held or slowed down on demand."""

import asyncio
from collections.abc import Callable
from typing import Protocol

_DRAIN_SECONDS = 60.0


class Wire(Protocol):
    """A detour on the way to a client's socket."""

    def carry(self, output: "Output", data: bytes) -> None:
        """Take bytes and hand them to :meth:`Output.arrive` later, in their order."""

    def hurry(self, output: "Output") -> None:
        """Hand over everything that is still on the way to this client."""


class Output(asyncio.Protocol):
    """Queues messages and writes them in batches; tells when a client cannot take more."""

    def __init__(self, limit: int) -> None:
        self.closed = False
        self._holds = 0
        self.wire: Wire | None = None
        self._limit = limit
        self._transport: asyncio.Transport | None = None
        self._outbox: list[bytes] = []
        self._full = False
        self._on_the_wire = 0
        self._eased = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport and bound its output."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - asyncio's TCP transports are
        self._transport = transport
        transport.set_write_buffer_limits(high=self._limit)

    def pause_writing(self) -> None:
        """The client reads too slowly: ticks are conflated from here on."""
        self._full = True

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._full = False
        self._eased.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake whoever waits for the client."""
        self.closed = True
        self._eased.set()

    @property
    def held(self) -> bool:
        """Whether nothing is to be written."""
        return self._holds > 0

    @property
    def congested(self) -> bool:
        """Whether the client takes nothing more for now."""
        return self._full or self.held or self._on_the_wire > self._limit

    @property
    def buffered(self) -> int:
        """Bytes that wait for the client."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def send(self, *messages: bytes) -> None:
        """Queue messages for the next :meth:`flush`."""
        self._outbox += messages

    def flush(self) -> None:
        """Hand what is queued to the transport in one write, or to the wire that stands before it."""
        if self.held or not self._outbox:
            return
        data = b"".join(self._outbox)
        self._outbox.clear()
        if self.closed:
            return
        if self.wire is None:
            self.write(data)
        else:
            self._on_the_wire += len(data)
            self.wire.carry(self, data)

    def arrive(self, data: bytes) -> None:
        """Bytes that were on the wire reach the socket."""
        self._on_the_wire -= len(data)
        self.write(data)
        self._eased.set()

    def write(self, data: bytes) -> None:
        """Hand bytes to the transport."""
        if self._transport is not None and not self.closed:
            self._transport.write(data)

    def hold(self) -> None:
        """Write nothing until :meth:`release` has been called as often as this."""
        self._holds += 1

    def release(self) -> None:
        """Write again, first what was held, unless somebody else still holds it."""
        self._holds -= 1
        self._eased.set()
        self.flush()

    async def drained(self) -> None:
        """Flush, let the others run, and wait until the client has room for more.

        Raises:
            TimeoutError: the client has read nothing for a minute.
        """
        self.flush()
        await asyncio.sleep(0)
        await self.until(lambda: not self.held)
        if self.congested:
            async with asyncio.timeout(_DRAIN_SECONDS):
                await self.until(lambda: not self.congested)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until the client's state fulfils a condition, or its connection has ended."""
        while not self.closed and not condition():
            self._eased.clear()
            await self._eased.wait()
