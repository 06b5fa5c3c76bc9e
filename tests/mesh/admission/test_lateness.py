"""A server that falls behind sheds what can wait, and takes orders on."""

import asyncio
import time

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct
from google.rpc.error_details_pb2 import RetryInfo

from mesh.admission.client_limits import RateLimits
from mesh.admission.rates import parse_rate
from mesh.errors import MeshError, from_rpc_error
from mesh.interceptors.errors import ErrorsInterceptor
from mesh.interceptors.rate_limiting import RateLimitInterceptor
from mesh.methods import MethodTable
from mesh.telemetry.refusals import SHED

SERVICE = "spreadmesh.test.v1.EchoService"
HELLO = Struct(fields={"say": {"string_value": "hello"}}).SerializeToString()


async def keep_late() -> None:
    """Leave the event loop no iteration shorter than 60 ms."""
    while True:
        time.sleep(0.06)  # noqa: ASYNC251 - blocking the loop is what overload does
        await asyncio.sleep(0)


async def refusal(call) -> MeshError | None:
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return from_rpc_error(error)
    return None


@pytest.mark.parametrize(
    "settings",
    [{"shed_delay_seconds": 0.03, "call_priorities": f"{SERVICE}/UnaryWriting=critical"}],
    indirect=True,
    ids=[""],
)
async def test_while_the_loop_is_late_reads_are_shed_and_orders_are_not(client, method):
    name = f"{SERVICE}/{method}"
    await client.call(method, HELLO)
    before = SHED[name]
    overload = asyncio.create_task(keep_late())
    try:
        began, error = time.monotonic(), None
        while error is None and time.monotonic() - began < 2:
            error = await refusal(client.call(method, HELLO))
    finally:
        overload.cancel()
    if method == "UnaryWriting":
        assert error is None
        return
    assert error.code is grpc.StatusCode.UNAVAILABLE
    assert [type(detail) for detail in error.details] == [RetryInfo]
    assert SHED[name] == before + 1
    while await refusal(client.call(method, HELLO)):
        assert time.monotonic() - began < 10


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_an_adaptive_rate_learns_from_the_calls_it_lets_through():
    """A server that takes 100 ms where 50 ms are wanted is asked less and less; a quick one more and more."""
    clock, latency = Clock(), 0.1

    async def answer(request: bytes, context: grpc.aio.ServicerContext) -> bytes:
        clock.now += latency
        return request

    limits = RateLimits(MethodTable({"*": parse_rate("adaptive:2..50/s:50ms")}))
    server = grpc.aio.server(interceptors=[ErrorsInterceptor(), RateLimitInterceptor(limits, clock)])
    handlers = {"Answer": grpc.unary_unary_rpc_method_handler(answer)}
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("a.B", handlers)])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()

    async def rate_after(calls: int) -> float:
        for _ in range(calls):
            while (code := await outcome_of(stub)) is not grpc.StatusCode.OK:
                assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
                clock.now += 0.01
        return limits.of("ipv4:127.0.0.1", "a.B/Answer").rate

    async def outcome_of(stub: grpc.aio.UnaryUnaryMultiCallable) -> grpc.StatusCode:
        try:
            await stub(b"", timeout=10)
        except grpc.aio.AioRpcError as error:
            return error.code()
        return grpc.StatusCode.OK

    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = channel.unary_unary("/a.B/Answer")
        assert await rate_after(1) == 50
        slow = await rate_after(60)
        assert slow < 5
        latency = 0.001
        assert await rate_after(60) > 2 * slow
    await server.stop(0)
