"""A channel notices a silent peer, follows a server that asks it to reconnect, and takes other options."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct, Value

from mesh.channel import open_channel
from mesh.server import Service, serving

ECHO = "spreadmesh.test.v1.EchoService"
WAIT = Struct(fields={"do": Value(string_value="wait")}).SerializeToString()


class Proxy:
    """Forwards TCP until it falls silent: the connections stay open, and nothing passes any more."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._pumps: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        listener = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        try:
            yield f"127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        finally:
            listener.close()
            for pump in self._pumps:
                pump.cancel()
            await asyncio.gather(*self._pumps, return_exceptions=True)

    def fall_silent(self) -> None:
        self._flowing.clear()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            self._pumps.add(asyncio.create_task(self._pump(source, sink)))

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                await self._flowing.wait()
                sink.write(data)
                await sink.drain()
            await self._flowing.wait()
        finally:
            sink.close()


async def test_both_sides_notice_a_silent_peer_within_sixteen_seconds(server, echo):
    proxy = Proxy(server.port)
    async with proxy.listening() as address, open_channel(address) as channel:
        call = channel.unary_stream(f"/{ECHO}/UnaryStream")(WAIT)
        reading = asyncio.create_task(call.read())
        await asyncio.wait_for(echo.waiting.wait(), 20)
        proxy.fall_silent()
        silent_since = time.monotonic()
        with pytest.raises(grpc.RpcError) as caught:
            await asyncio.wait_for(reading, 40)
        await asyncio.wait_for(echo.closed.wait(), 40)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert time.monotonic() - silent_since < 16


async def test_a_quiet_stream_outlives_the_pings_of_its_client(server):
    """A server ends a connection at the fifth ping that comes sooner than it allows."""
    pinging = (("grpc.keepalive_time_ms", 5_100),)
    async with open_channel(server.address, options=pinging) as channel:
        call = channel.unary_stream(f"/{ECHO}/UnaryStream")(WAIT, timeout=27)
        with pytest.raises(grpc.RpcError) as caught:
            await call.read()
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_connections_are_renewed_without_a_failed_call(settings):
    async def peer(_request: bytes, context: grpc.aio.ServicerContext) -> bytes:
        return context.peer().encode()

    handler = grpc.method_handlers_generic_handler(
        "test.Peer", {"Get": grpc.unary_unary_rpc_method_handler(peer)}
    )
    service = Service("test.Peer", lambda server: server.add_generic_rpc_handlers([handler]))
    aging = settings.model_copy(update={"max_connection_age_seconds": 0.3})
    async with serving(aging, [service]) as server, open_channel(server.address) as channel:
        get = channel.unary_unary("/test.Peer/Get")
        peers: set[bytes] = set()
        async with asyncio.timeout(20):
            while len(peers) < 3:
                peers.add(await get(b"", timeout=20))


async def test_given_options_win(server):
    payload = Struct(fields={"text": Value(string_value="x" * 1000)}).SerializeToString()
    async with open_channel(server.address, options=(("grpc.max_receive_message_length", 100),)) as channel:
        with pytest.raises(grpc.RpcError) as caught:
            await channel.unary_unary(f"/{ECHO}/UnaryUnary")(payload, timeout=20)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


BARE_INSTALL = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"grpc_health", "grpc_reflection", "ib_insync", "numba", "numpy", "uvloop"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
import mesh.channel, mesh.conflation, mesh.credits, mesh.errors, mesh.logging, mesh.retry, mesh.settings
import mesh.telemetry.batches, mesh.telemetry.context, mesh.telemetry.spans, mesh.telemetry.start
"""


def test_what_a_client_needs_comes_with_the_bare_install():
    subprocess.run([sys.executable, "-c", BARE_INSTALL], check=True, timeout=60)
