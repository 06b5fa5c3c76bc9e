"""The circuit of a channel, for every kind of call, with a server that can be told to fail."""

import asyncio
import gc
import time
from itertools import pairwise

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct
from google.rpc.error_details_pb2 import RetryInfo

from mesh.errors import MeshError, from_rpc_error, unavailable
from mesh.interceptors.circuit_breaking import circuit_interceptors
from mesh.interceptors.errors import ErrorsInterceptor
from mesh.resilience.circuit_breaker import BreakerPolicy, State
from mesh.resilience.circuits import Circuits
from mesh.retry import read_retry
from mesh.telemetry.refusals import CIRCUIT_OPENED, CIRCUIT_REFUSED

SERVICE = "a.Flaky"
POLICY = BreakerPolicy(window_seconds=10, least_calls=4, failure_ratio=0.5, open_seconds=2, probes=2)
KINDS = ["UnaryUnary", "UnaryStream", "StreamUnary", "StreamStream"]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


class Flaky:
    """Fails with `error` while there is one; notes what reaches it. Streams stay open after a message.

    It reads a stream of requests to its end before its one answer, unless it `is_hasty`.
    """

    def __init__(self, clock: Clock) -> None:
        self.error: Exception | None = None
        self.times: list[float] = []
        self.silent = False
        self.is_hasty = False
        self.called = asyncio.Event()
        self._clock = clock

    @property
    def calls(self) -> int:
        return len(self.times)

    async def answer(self) -> Struct:
        self.times.append(self._clock())
        self.called.set()
        if self.error:
            raise self.error
        if self.silent:
            await asyncio.Event().wait()
        return Struct()

    async def unary(self, request, context):
        await self.read(request)
        return await self.answer()

    async def stream(self, request, context):
        yield await self.answer()
        await asyncio.Event().wait()

    async def read(self, request) -> None:
        if hasattr(request, "__aiter__") and not self.is_hasty:
            async for _ in request:
                pass

    def handlers(self):
        makers = {
            "UnaryUnary": (grpc.unary_unary_rpc_method_handler, self.unary),
            "UnaryStream": (grpc.unary_stream_rpc_method_handler, self.stream),
            "StreamUnary": (grpc.stream_unary_rpc_method_handler, self.unary),
            "StreamStream": (grpc.stream_stream_rpc_method_handler, self.stream),
        }
        serialize = Struct.SerializeToString
        methods = {name: make(code, None, serialize) for name, (make, code) in makers.items()}
        return [
            grpc.method_handlers_generic_handler(service, methods)
            for service in (SERVICE, "spreadmesh.order.v1.ControlService", "grpc.health.v1.Fake")
        ]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def flaky(clock):
    return Flaky(clock)


@pytest.fixture
def circuits():
    return Circuits(POLICY)


@pytest.fixture
async def channel(clock, flaky, circuits):
    server = grpc.aio.server(interceptors=[ErrorsInterceptor()])
    server.add_generic_rpc_handlers(flaky.handlers())
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    interceptors = circuit_interceptors(circuits, clock)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", interceptors=interceptors) as opened:
        yield opened
    await server.stop(0)


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


def start(channel, kind: str, service: str = SERVICE):
    path = f"/{service}/{kind}"
    if kind == "UnaryUnary":
        return channel.unary_unary(path)(b"", timeout=20)
    if kind == "UnaryStream":
        return channel.unary_stream(path)(b"", timeout=20)
    if kind == "StreamUnary":
        return channel.stream_unary(path)(iter([b""]), timeout=20)
    return channel.stream_stream(path)(timeout=20)


async def first(channel, kind: str, service: str = SERVICE) -> None:
    """Make a call up to its first answer, and cancel what a stream has left."""
    call = start(channel, kind, service)
    try:
        if kind.endswith("Unary"):
            await call
        else:
            await call.read()
    finally:
        call.cancel()


async def error_of(channel, kind: str, service: str = SERVICE):
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await first(channel, kind, service)
    return from_rpc_error(raised.value)


async def test_a_circuit_opens_refuses_probes_and_closes(channel, kind, clock, flaky, circuits):
    name, breaker = f"{SERVICE}/{kind}", circuits.of(f"{SERVICE}/{kind}")
    CIRCUIT_OPENED.add(name)
    CIRCUIT_REFUSED.add(name)
    counted = CIRCUIT_OPENED[name], CIRCUIT_REFUSED[name]
    flaky.error = unavailable("the gateway is away", 0.0)
    for _ in range(4):
        assert (await error_of(channel, kind)).message == "the gateway is away"
    assert (breaker.state, flaky.calls) == (State.OPEN, 4)
    clock.now += 0.5
    error = await error_of(channel, kind)
    assert error.code is grpc.StatusCode.UNAVAILABLE
    assert error.message == f"not sent, the circuit of {name} is open after: UNAVAILABLE: the gateway is away"
    assert [type(detail) for detail in error.details] == [RetryInfo]
    assert error.retry_after_seconds == 1.5
    assert flaky.calls == 4
    assert (CIRCUIT_OPENED[name], CIRCUIT_REFUSED[name]) == (counted[0] + 1, counted[1] + 1)
    clock.now += 1.5
    flaky.error = None
    await first(channel, kind)
    assert breaker.state is State.HALF_OPEN
    await first(channel, kind)
    assert breaker.state is State.CLOSED
    assert flaky.calls == 6


async def test_a_circuit_is_a_methods_own(channel, flaky, circuits):
    flaky.error = RuntimeError("a defect")
    for _ in range(4):
        assert (await error_of(channel, "UnaryUnary")).code is grpc.StatusCode.INTERNAL
    flaky.error = None
    await first(channel, "UnaryStream")
    assert "UnaryUnary': <CircuitBreaker open, for 2 s, opened 1 times>" in repr(circuits)
    assert "UnaryStream': <CircuitBreaker closed, 0/1 failed, opened 0 times>" in repr(circuits)


@pytest.mark.parametrize("service", ["spreadmesh.order.v1.ControlService", "grpc.health.v1.Fake"])
async def test_what_changes_orders_and_health_always_goes(channel, kind, flaky, service):
    flaky.error = unavailable("away", 0.0)
    for _ in range(8):
        assert (await error_of(channel, kind, service)).message == "away"
    assert flaky.calls == 8


@pytest.mark.parametrize("code", [grpc.StatusCode.NOT_FOUND, grpc.StatusCode.RESOURCE_EXHAUSTED])
async def test_a_refusal_is_an_answer(channel, kind, flaky, circuits, code):
    flaky.error = MeshError(code, "no")
    for _ in range(8):
        assert (await error_of(channel, kind)).code is code
    assert repr(circuits.of(f"{SERVICE}/{kind}")).startswith("<CircuitBreaker closed, 0/")


@pytest.mark.parametrize("kind", ["StreamUnary", "StreamStream"])
async def test_a_request_written_after_the_refusal_is_no_failure(channel, kind, flaky, circuits):
    """A write to a call whose refusal has come in unread makes grpc.aio report INTERNAL first."""
    flaky.error = MeshError(grpc.StatusCode.NOT_FOUND, "no")
    flaky.is_hasty = True

    async def late(turns: int):
        await flaky.called.wait()
        for _ in range(turns):
            await asyncio.sleep(0)
        time.sleep(0.02)  # noqa: ASYNC251 - the loop has to stand still while the refusal comes in
        yield b""

    open_call = channel.stream_unary if kind == "StreamUnary" else channel.stream_stream
    for turns in range(8):
        flaky.called.clear()
        call = open_call(f"/{SERVICE}/{kind}")(late(turns), timeout=20)
        with pytest.raises(grpc.aio.AioRpcError):
            await (call if kind == "StreamUnary" else call.read())
    assert repr(circuits.of(f"{SERVICE}/{kind}")).startswith("<CircuitBreaker closed, 0/")


async def test_a_call_that_its_caller_cancels_says_nothing(channel, kind, flaky, circuits):
    flaky.silent = True
    for _ in range(5):
        flaky.called.clear()
        call = start(channel, kind)
        waiter = asyncio.ensure_future(call.read() if kind.endswith("Stream") else asyncio.wait_for(call, 20))
        await flaky.called.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiter
    assert repr(circuits.of(f"{SERVICE}/{kind}")) == "<CircuitBreaker closed, 0/0 failed, opened 0 times>"


async def test_a_stream_that_breaks_later_was_opened_all_the_same(channel, flaky, circuits):
    call = start(channel, "StreamStream")
    await call.read()
    assert (
        repr(circuits.of(f"{SERVICE}/StreamStream")) == "<CircuitBreaker closed, 0/1 failed, opened 0 times>"
    )
    call.cancel()


async def test_a_retried_read_waits_for_the_circuit(channel, clock, flaky):
    """The first four attempts go as the policy likes; from then on none before the circuit's time is over."""
    flaky.error = unavailable("away", 0.0)
    CIRCUIT_REFUSED.add(f"{SERVICE}/UnaryUnary")
    refused = CIRCUIT_REFUSED[f"{SERVICE}/UnaryUnary"]
    with pytest.raises(grpc.aio.AioRpcError):
        await read_retry(600, clock=clock, sleep=clock.sleep)(first, channel, "UnaryUnary")
    refused = CIRCUIT_REFUSED[f"{SERVICE}/UnaryUnary"] - refused
    assert refused > 0
    assert flaky.calls > 4
    assert all(later - earlier >= 2 for earlier, later in pairwise(flaky.times[3:]))
    flaky.error = None
    await read_retry(60, clock=clock, sleep=clock.sleep)(first, channel, "UnaryUnary")


async def test_a_refused_stream_that_nobody_reads_leaves_no_trace(channel, flaky):
    complaints: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
    flaky.error = unavailable("away", 0.0)
    for _ in range(4):
        await error_of(channel, "UnaryStream")
    start(channel, "UnaryStream")
    await error_of(channel, "UnaryStream")
    gc.collect()
    await asyncio.sleep(0)
    assert complaints == []
