"""What a server refuses, through real channels, for every kind of call."""

import asyncio
import time

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct
from google.rpc.error_details_pb2 import QuotaFailure, RetryInfo
from grpc_health.v1 import health_pb2, health_pb2_grpc

from mesh.errors import MeshError, from_rpc_error
from mesh.telemetry.refusals import OVER_QUOTA, RATE_LIMITED, SHED

SERVICE = "spreadmesh.test.v1.EchoService"
HELLO = Struct(fields={"say": {"string_value": "hello"}}).SerializeToString()
WAIT = Struct(fields={"do": {"string_value": "wait"}}).SerializeToString()


def limited(**settings):
    return pytest.mark.parametrize("settings", [settings], indirect=True, ids=[""])


async def refusal(call) -> MeshError:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    return from_rpc_error(raised.value)


@limited(rate_limits=f"{SERVICE}/*=fixed_window:2/h")
async def test_a_client_beyond_its_rate_is_told_how_long_to_wait(client, method):
    name = f"{SERVICE}/{method}"
    for _ in range(2):
        assert len(await client.call(method, HELLO)) == 1
    before = RATE_LIMITED[name]
    error = await refusal(client.call(method, HELLO))
    assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert error.message == f"ipv4:127.0.0.1 {name}: at most fixed_window:2/h"
    quota, retry = error.details
    assert isinstance(quota, QuotaFailure)
    assert [violation.subject for violation in quota.violations] == [f"ipv4:127.0.0.1 {name}"]
    assert isinstance(retry, RetryInfo)
    assert 0 < error.retry_after_seconds <= 3600
    assert RATE_LIMITED[name] == before + 1


@limited(rate_limits=f"{SERVICE}/UnaryUnary=token_bucket:20/s:1")
async def test_a_client_that_waits_as_it_was_told_is_served(client):
    await client.call("UnaryUnary", HELLO)
    for _ in range(5):
        error = await refusal(client.call("UnaryUnary", HELLO))
        await asyncio.sleep(error.retry_after_seconds)
        await client.call("UnaryUnary", HELLO)


@limited(rate_limits="*=sliding_window:1/h")
async def test_programs_that_name_themselves_have_budgets_of_their_own(client):
    for name in ["ann", "bob"]:
        await client.call("UnaryUnary", HELLO, metadata=[("x-client", name)])
        error = await refusal(client.call("UnaryUnary", HELLO, metadata=[("x-client", name)]))
        assert f"ipv4:127.0.0.1 {name} " in error.message
    await client.call("UnaryStream", HELLO, metadata=[("x-client", "ann")])


@limited(rate_limits="*=sliding_window:1/h")
async def test_a_second_connection_brings_no_second_budget(client, server):
    await client.call("UnaryUnary", HELLO)
    async with grpc.aio.insecure_channel(server.address) as other:
        echo = other.unary_unary(f"/{SERVICE}/UnaryUnary")
        assert (await refusal(echo(HELLO))).code is grpc.StatusCode.RESOURCE_EXHAUSTED


@limited(rate_limits="*=fixed_window:1/h", stream_limits="*=1", call_limits="*=1")
async def test_health_is_never_limited(server):
    async with grpc.aio.insecure_channel(server.address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        for _ in range(5):
            await stub.Check(health_pb2.HealthCheckRequest())
        watches = [stub.Watch(health_pb2.HealthCheckRequest()) for _ in range(3)]
        for watch in watches:
            assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
            watch.cancel()


@limited(stream_limits=f"{SERVICE}/*=2")
async def test_a_client_holds_only_so_many_streams_of_a_method_open(client, echo, streaming_method):
    name = f"{SERVICE}/{streaming_method}"
    calls = []
    for _ in range(2):
        echo.waiting.clear()
        calls.append(client.start(streaming_method, WAIT))
        await echo.waiting.wait()
    before = OVER_QUOTA[name]
    error = await refusal(client.call(streaming_method, HELLO))
    assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert error.message == f"ipv4:127.0.0.1 {name}: at most 2 streams at once"
    assert [type(detail) for detail in error.details] == [QuotaFailure, RetryInfo]
    assert OVER_QUOTA[name] == before + 1
    await client.call(streaming_method, HELLO, metadata=[("x-client", "another")])
    await client.call("UnaryUnary", HELLO)
    echo.closed.clear()
    calls.pop().cancel()
    await echo.closed.wait()
    await client.call(streaming_method, HELLO)
    calls.pop().cancel()


@limited(call_limits=f"{SERVICE}/*=2")
async def test_a_full_method_refuses_within_milliseconds_and_streams_are_not_counted(client, echo):
    streams, calls = [], []
    for _ in range(3):
        echo.waiting.clear()
        streams.append(client.start("StreamStream", WAIT))
        await echo.waiting.wait()
    for _ in range(2):
        echo.waiting.clear()
        calls.append(client.start("UnaryUnary", WAIT))
        await echo.waiting.wait()
    before, began = SHED[f"{SERVICE}/UnaryUnary"], time.monotonic()
    error = await refusal(client.call("UnaryUnary", HELLO, metadata=[("x-client", "another")]))
    assert time.monotonic() - began < 0.5
    assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert error.message == f"{SERVICE}/UnaryUnary: at most 2 calls run at once"
    assert [type(detail) for detail in error.details] == [QuotaFailure, RetryInfo]
    assert SHED[f"{SERVICE}/UnaryUnary"] == before + 1
    await client.call("UnaryStream", HELLO)
    echo.closed.clear()
    calls.pop().cancel()
    await echo.closed.wait()
    await client.call("UnaryUnary", HELLO)
    for call in [*streams, *calls]:
        call.cancel()
