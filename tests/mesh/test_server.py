"""A started server has health and reflection, refuses a taken port, and stops without hurting its callers."""

import asyncio
import errno

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct, Value
from google.rpc.error_details_pb2 import RetryInfo
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2

from mesh.drain import Drain
from mesh.errors import from_rpc_error
from mesh.health import Health
from mesh.server import RunningServer, Service, serving
from mesh.settings import MeshSettings

ECHO = "spreadmesh.test.v1.EchoService"
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
WAIT = Struct(fields={"do": Value(string_value="wait")}).SerializeToString()


async def status(channel: grpc.aio.Channel, service: str) -> int:
    answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=service))
    return answer.status


async def test_health_is_known_for_the_whole_and_for_each_service(server):
    async with grpc.aio.insecure_channel(server.address) as channel:
        assert await status(channel, "") == SERVING
        assert await status(channel, ECHO) == SERVING
        with pytest.raises(grpc.RpcError) as caught:
            await status(channel, "spreadmesh.test.v1.Other")
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_pushed_health_is_answered_and_watched(server, health):
    async with grpc.aio.insecure_channel(server.address) as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(
            health_pb2.HealthCheckRequest(service=ECHO), timeout=20
        )
        assert (await watch.read()).status == SERVING
        await health.set(ECHO, serving=False)
        assert (await watch.read()).status == NOT_SERVING
        assert await status(channel, ECHO) == NOT_SERVING
        assert await status(channel, "") == SERVING
        watch.cancel()


async def test_health_set_before_the_start_is_kept(settings, echo):
    health = Health()
    await health.set(ECHO, serving=False)
    async with (
        serving(settings, [Service(ECHO, echo.register)], health=health) as server,
        grpc.aio.insecure_channel(server.address) as channel,
    ):
        assert await status(channel, ECHO) == NOT_SERVING


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
async def test_reflection_lists_every_service(server, version):
    async with grpc.aio.insecure_channel(server.address) as channel:
        ask = channel.stream_stream(
            f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
            reflection_pb2.ServerReflectionRequest.SerializeToString,
            reflection_pb2.ServerReflectionResponse.FromString,
        )
        call = ask(iter([reflection_pb2.ServerReflectionRequest(list_services="")]), timeout=20)
        answers = [answer async for answer in call]
    names = {service.name for service in answers[0].list_services_response.service}
    assert names == {
        ECHO,
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    }


async def test_a_taken_port_is_an_error_that_names_it(server, settings):
    taken = settings.model_copy(update={"port": server.port})
    with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{server.port}") as caught:
        async with serving(taken, []):
            pass
    assert caught.value.errno == errno.EADDRINUSE


async def test_an_unknown_method_is_unimplemented(server):
    async with grpc.aio.insecure_channel(server.address) as channel:
        with pytest.raises(grpc.RpcError) as caught:
            await channel.unary_unary(f"/{ECHO}/Missing")(b"", timeout=20)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_stopping_ends_open_streams_with_a_request_to_reconnect(client, server, echo, streaming_method):
    call = client.start(streaming_method, WAIT)
    await asyncio.wait_for(echo.waiting.wait(), 20)
    server_stop = asyncio.create_task(server.stop())
    with pytest.raises(grpc.RpcError) as caught:
        await (call if streaming_method == "StreamUnary" else call.read())
    error = from_rpc_error(caught.value)
    assert error.code is grpc.StatusCode.UNAVAILABLE
    assert isinstance(error.details[0], RetryInfo)
    await asyncio.wait_for(echo.closed.wait(), 20)
    await asyncio.wait_for(server_stop, 20)


async def test_health_says_not_serving_while_calls_still_run(drain, echo):
    settings = MeshSettings(host="127.0.0.1", port=0, drain_seconds=10)
    health = Health()
    async with (
        serving(settings, [Service(ECHO, echo.register)], drain=drain, health=health) as server,
        grpc.aio.insecure_channel(server.address) as channel,
    ):
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=20)
        assert (await watch.read()).status == SERVING
        server.ask_to_stop()
        await server.until_asked_to_stop()
        stop = asyncio.create_task(server.stop())
        assert (await watch.read()).status == NOT_SERVING
        unary = channel.unary_unary(f"/{ECHO}/UnaryUnary", None, Struct.FromString)
        assert await unary(b"", timeout=20) == Struct()
        assert not drain.has_begun
        server.ask_to_stop()  # in a hurry
        await asyncio.wait_for(stop, 5)
        assert drain.is_over


async def test_a_handler_that_watches_the_drain_says_its_last_word(settings):
    drain = Drain()
    entered = asyncio.Event()

    async def until_drain(_request: bytes, _context: object):
        entered.set()
        await drain.wait()
        yield b"last"

    handler = grpc.unary_stream_rpc_method_handler(until_drain)
    farewell = grpc.method_handlers_generic_handler("test.Farewell", {"Watch": handler})
    service = Service("test.Farewell", lambda server: server.add_generic_rpc_handlers([farewell]))
    async with (
        serving(settings, [service], drain=drain) as server,
        grpc.aio.insecure_channel(server.address) as channel,
    ):
        call = channel.unary_stream("/test.Farewell/Watch")(b"", timeout=20)
        await asyncio.wait_for(entered.wait(), 20)
        stop = asyncio.create_task(server.stop())
        assert await call.read() == b"last"
        assert await call.code() is grpc.StatusCode.OK
        await asyncio.wait_for(stop, 20)


async def test_a_call_the_client_cancels_closes_its_handler_at_once(client, echo, method):
    call = client.start(method, WAIT)
    await asyncio.wait_for(echo.waiting.wait(), 20)
    call.cancel()
    await asyncio.wait_for(echo.closed.wait(), 20)


async def test_the_address_of_an_ipv6_host_is_bracketed(server: RunningServer):
    server.host = "::1"
    assert server.address == f"[::1]:{server.port}"


async def test_a_generator_cut_off_in_a_write_cleans_up_inside_its_own_call(settings):
    tasks: list[asyncio.Task | None] = []
    closed = asyncio.Event()

    async def flood(_request: bytes, _context: object):
        tasks.append(asyncio.current_task())
        try:
            while True:
                yield b"x" * 100_000
        finally:
            tasks.append(asyncio.current_task())
            closed.set()

    handler = grpc.unary_stream_rpc_method_handler(flood)
    handlers = grpc.method_handlers_generic_handler("test.Flood", {"Watch": handler})
    service = Service("test.Flood", lambda server: server.add_generic_rpc_handlers([handlers]))
    async with serving(settings, [service]) as server, grpc.aio.insecure_channel(server.address) as channel:
        call = channel.unary_stream("/test.Flood/Watch")(b"", timeout=20)
        await call.read()
        call.cancel()
        await asyncio.wait_for(closed.wait(), 20)
    assert tasks[0] is tasks[1]
