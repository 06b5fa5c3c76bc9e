"""A proxy between clients and a gateway that passes bytes on unchanged and records the frames."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from tws_sim.clock import Clock
from tws_sim.recording.file import Direction, Record, RecordingWriter
from tws_sim.recording.redaction import Redaction
from tws_sim.wire.framing import FrameReader, FramingError

log = logging.getLogger(__name__)

MOST_CLIENTS = 32
_CONNECT_SECONDS = 10.0
_DRAIN_SECONDS = 60.0
_CHUNK = 64 * 1024


class Proxy:
    """Connects every client to the upstream gateway and writes down what both say."""

    def __init__(
        self,
        upstream: tuple[str, int],
        writer: RecordingWriter,
        clock: Clock,
        redaction: Redaction | None,
    ) -> None:
        self._upstream = upstream
        self._writer = writer
        self._clock = clock
        self._started = clock.monotonic()
        self._redaction = redaction
        self._numbers = count(1)
        self._clients: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def listening(self, host: str, port: int) -> AsyncIterator[str]:
        """Accept clients; yields ``host:port``. Every connection ends with the block."""
        async with asyncio.TaskGroup() as tasks:

            def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                if len(self._clients) >= MOST_CLIENTS:
                    writer.close()
                    return
                task = tasks.create_task(self._serve(reader, writer))
                self._clients.add(task)
                task.add_done_callback(self._clients.discard)

            server = await asyncio.start_server(accept, host, port)
            try:
                yield "{}:{}".format(*server.sockets[0].getsockname()[:2])
            finally:
                server.close()
                for task in list(self._clients):
                    task.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Join one client to the gateway until either leaves."""
        number = next(self._numbers) % 65_536
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                upstream_reader, upstream_writer = await asyncio.open_connection(*self._upstream)
        except (OSError, TimeoutError) as problem:
            log.warning("no gateway at %s:%s: %s", *self._upstream, problem)
            writer.close()
            return
        self._note(number, Direction.OPENED)
        try:
            async with asyncio.TaskGroup() as directions:
                up = directions.create_task(
                    self._pass_on(number, Direction.FROM_CLIENT, reader, upstream_writer)
                )
                down = directions.create_task(
                    self._pass_on(number, Direction.TO_CLIENT, upstream_reader, writer)
                )
                await asyncio.wait([up, down], return_when=asyncio.FIRST_COMPLETED)
                up.cancel()
                down.cancel()
        finally:
            self._note(number, Direction.CLOSED)
            writer.close()
            upstream_writer.close()

    async def _pass_on(
        self, number: int, direction: Direction, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Pass bytes on until one side leaves; a stream that is no TWS protocol is passed on unrecorded."""
        frames: FrameReader | None = FrameReader(prefixed=direction is Direction.FROM_CLIENT)
        try:
            while data := await reader.read(_CHUNK):
                writer.write(data)
                try:
                    for payload in frames.feed(data) if frames else ():
                        self._note(number, direction, payload)
                except FramingError as problem:
                    log.warning("connection %d is not recorded any more: %s", number, problem)
                    frames = None
                async with asyncio.timeout(_DRAIN_SECONDS):
                    await writer.drain()
        except (ConnectionError, TimeoutError) as problem:
            log.info("connection %d ended: %s", number, problem)

    def _note(self, number: int, direction: Direction, payload: bytes = b"") -> None:
        if self._redaction is not None and payload:
            payload = self._redaction.apply(payload, from_client=direction is Direction.FROM_CLIENT)
        self._writer.write(Record(self._clock.monotonic() - self._started, number, direction, payload))
