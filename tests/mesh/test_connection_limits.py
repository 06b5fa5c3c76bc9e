"""What one server and one connection take at once, and how it looks to whom there is no room for."""

import asyncio

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct, Value
from grpc_health.v1 import health_pb2, health_pb2_grpc

from mesh.server import serving
from mesh.settings import MeshSettings
from tests.certificates import LOCAL, Authority, Mounted, issue
from tests.processes import free_port

ECHO = "/spreadmesh.test.v1.EchoService/UnaryUnary"
WAIT = Struct(fields={"do": Value(string_value="wait")}).SerializeToString()
# Channels to one address share a connection otherwise.
ALONE = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_reconnect_backoff_ms", 100)]


@pytest.fixture
def settings() -> MeshSettings:
    limits = {"max_connections": 2, "max_connection_streams": 2}
    return MeshSettings(port=0, health_port=free_port(), drain_seconds=0, **limits)


@pytest.fixture
async def channels(server):
    channels = [grpc.aio.insecure_channel(server.address, ALONE) for _ in range(3)]
    yield channels
    for channel in channels:
        await channel.close()


def echo(channel: grpc.aio.Channel, request: bytes = b"", **options: object) -> grpc.aio.Call:
    return channel.unary_unary(ECHO)(request, **{"timeout": 20} | options)


async def test_a_connection_beyond_the_limit_is_refused_until_another_has_gone(channels):
    first, second, third = channels
    await echo(first)
    await echo(second)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await echo(third)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    await echo(first)
    await second.close()
    await echo(third, wait_for_ready=True)


@pytest.mark.parametrize("tls", [False, True], ids=["plaintext", "tls"])
async def test_a_connection_that_says_nothing_keeps_no_place(tls, tmp_path, monkeypatch):
    monkeypatch.setattr("mesh.server_options.HANDSHAKE_SECONDS", 0.2)
    files = Mounted.at(tmp_path / "server", issue(Authority(), dns=LOCAL)).server() if tls else {}
    own = {name.lower(): value for name, value in files.items()}
    async with serving(MeshSettings(port=0, drain_seconds=0, **own), []) as server, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection(server.host, server.port)
        await reader.read()  # what the server says by itself, to the end of the connection
        writer.close()


async def test_health_has_connections_of_its_own(channels, settings):
    for channel in channels[:2]:
        await echo(channel)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{settings.health_port}") as channel:
        answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=20)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_calls_beyond_the_limit_of_a_connection_wait_for_a_place(channels):
    channel = channels[0]
    await echo(channel)  # the client has learned the limit
    holding = [echo(channel, WAIT) for _ in range(2)]
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await echo(channel, timeout=0.2)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    waiting = echo(channel)
    holding[0].cancel()
    await waiting
    holding[1].cancel()
