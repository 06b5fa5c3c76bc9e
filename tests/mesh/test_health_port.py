"""Health in plaintext on a port of its own: beside a server that is reached by TLS, and nothing else."""

import asyncio
import errno

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2

from mesh.health import Health
from mesh.server import Service, serving
from mesh.settings import MeshSettings
from tests.certificates import LOCAL, Authority, Mounted, issue
from tests.processes import free_port

ECHO = "spreadmesh.test.v1.EchoService"
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.fixture
def settings(tmp_path) -> MeshSettings:
    files = Mounted.at(tmp_path / "server", issue(Authority(), dns=LOCAL)).server()
    tls = {name.lower(): value for name, value in files.items()}
    return MeshSettings(port=0, health_port=free_port(), drain_seconds=0, **tls)


@pytest.fixture
async def probe(server, settings):
    async with grpc.aio.insecure_channel(f"127.0.0.1:{settings.health_port}") as channel:
        yield channel


async def status(channel: grpc.aio.Channel, service: str = "") -> int:
    request = health_pb2.HealthCheckRequest(service=service)
    return (await health_pb2_grpc.HealthStub(channel).Check(request, timeout=20)).status


async def test_it_answers_what_the_server_has_been_told(probe, health):
    assert await status(probe) == SERVING
    assert await status(probe, ECHO) == SERVING
    await health.set(ECHO, serving=False)
    assert await status(probe, ECHO) == NOT_SERVING
    assert await status(probe) == SERVING


@pytest.mark.parametrize(
    "method", [f"/{ECHO}/UnaryUnary", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"]
)
async def test_it_answers_nothing_else(probe, method):
    call = probe.stream_stream(method, reflection_pb2.ServerReflectionRequest.SerializeToString)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(iter([reflection_pb2.ServerReflectionRequest(list_services="")]), timeout=20).read()
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_it_says_that_the_server_drains_and_stays_until_it_has(probe, server):
    watch = health_pb2_grpc.HealthStub(probe).Watch(health_pb2.HealthCheckRequest(), timeout=20)
    assert (await watch.read()).status == SERVING
    stop = asyncio.create_task(server.stop())
    assert (await watch.read()).status == NOT_SERVING
    await stop
    assert await status(probe) == NOT_SERVING


async def test_it_ends_with_the_server(settings, echo):
    async with serving(settings, [Service(ECHO, echo.register)], health=Health()):
        pass
    async with grpc.aio.insecure_channel(f"127.0.0.1:{settings.health_port}") as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await status(channel)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_taken_port_is_an_error_that_names_it(server, settings):
    with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{settings.health_port}") as caught:
        async with serving(settings.model_copy(update={"port": 0}), []):
            pass
    assert caught.value.errno == errno.EADDRINUSE
