"""One client and one server span for each call of each kind, in one trace, named by current conventions."""

import asyncio
from contextlib import suppress

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct, Value
from grpc_health.v1 import health_pb2, health_pb2_grpc
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode

from mesh.channel import open_channel
from mesh.server import Service, serving

ECHO = "spreadmesh.test.v1.EchoService"


def do(what: str) -> bytes:
    return Struct(fields={"do": Value(string_value=what)}).SerializeToString()


@pytest.fixture
async def traced(server):
    async with open_channel(server.address) as channel:
        yield channel


async def run(channel: grpc.aio.Channel, method: str, payload: bytes) -> None:
    """One request, also in a stream: a second, written after a refusal, makes grpc.aio report INTERNAL."""
    path = f"/{ECHO}/{method}"
    if method == "UnaryUnary":
        await channel.unary_unary(path)(payload, timeout=20)
    elif method == "StreamUnary":
        await channel.stream_unary(path)(iter([payload]), timeout=20)
    elif method in {"UnaryStream", "UnaryWriting"}:
        _ = [answer async for answer in channel.unary_stream(path)(payload, timeout=20)]
    else:
        _ = [answer async for answer in channel.stream_stream(path)(iter([payload]), timeout=20)]


async def two_spans(memory):
    """The client's and the server's span; the server's ends a moment after the client has its answer."""
    async with asyncio.timeout(20):
        while len(memory.get_finished_spans()) < 2:  # noqa: ASYNC110 - an exporter has no event to wait for
            await asyncio.sleep(0)
    client, server = sorted(memory.get_finished_spans(), key=lambda span: span.kind is SpanKind.SERVER)
    assert (client.kind, server.kind) == (SpanKind.CLIENT, SpanKind.SERVER)
    return client, server


async def test_a_call_has_two_spans_in_one_trace(traced, server, method, span_memory):
    await run(traced, method, do("echo"))
    sent, served = await two_spans(span_memory)
    assert sent.name == served.name == f"{ECHO}/{method}"
    assert served.parent.span_id == sent.context.span_id
    assert served.context.trace_id == sent.context.trace_id
    assert dict(served.attributes) == {
        "rpc.system.name": "grpc",
        "rpc.method": f"{ECHO}/{method}",
        "rpc.response.status_code": "OK",
    }
    assert dict(sent.attributes) == dict(served.attributes) | {
        "server.address": "127.0.0.1",
        "server.port": server.port,
    }
    assert served.status.status_code is sent.status.status_code is StatusCode.UNSET


@pytest.mark.parametrize(
    ("what", "code", "served_status"),
    [("raise", "INTERNAL", StatusCode.ERROR), ("refuse", "FAILED_PRECONDITION", StatusCode.UNSET)],
)
async def test_spans_tell_how_a_call_failed(traced, method, span_memory, what, code, served_status):
    with pytest.raises(grpc.RpcError):
        await run(traced, method, do(what))
    sent, served = await two_spans(span_memory)
    assert sent.attributes["rpc.response.status_code"] == code
    assert served.attributes["rpc.response.status_code"] == code
    assert sent.attributes["error.type"] == code
    assert sent.status.status_code is StatusCode.ERROR
    assert served.status.status_code is served_status, "a caller's mistake is no error of the server"
    assert "swordfish" not in f"{served.attributes}{served.events}{served.status.description}"


async def test_spans_of_a_cancelled_stream_end(traced, echo, span_memory, streaming_method):
    running = asyncio.create_task(run(traced, streaming_method, do("wait")))
    await asyncio.wait_for(echo.waiting.wait(), 20)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    sent, served = await two_spans(span_memory)
    assert sent.attributes["rpc.response.status_code"] == "CANCELLED"
    assert served.attributes["rpc.response.status_code"] == "CANCELLED"


async def test_a_call_is_a_child_of_the_span_around_it(traced, method, span_memory):
    with trace.get_tracer("test").start_as_current_span("around") as around:
        await run(traced, method, do("echo"))
    spans = {(span.name, span.kind): span for span in span_memory.get_finished_spans()}
    sent = spans[f"{ECHO}/{method}", SpanKind.CLIENT]
    assert sent.parent.span_id == around.get_span_context().span_id


async def test_health_checks_leave_no_spans(traced, span_memory):
    await health_pb2_grpc.HealthStub(traced).Check(health_pb2.HealthCheckRequest(), timeout=20)
    await run(traced, "UnaryUnary", do("echo"))
    sent, served = await two_spans(span_memory)
    assert sent.name == served.name == f"{ECHO}/UnaryUnary"


async def test_a_call_to_nobody_still_ends_its_span(span_memory, method):
    async with open_channel("127.0.0.1:1") as channel:
        with pytest.raises(grpc.RpcError):
            await run(channel, method, do("echo"))
    (sent,) = span_memory.get_finished_spans()
    assert sent.attributes["rpc.response.status_code"] == "UNAVAILABLE"


@pytest.mark.parametrize(
    ("objective", "what", "codes"),
    [
        (10.0, "echo", ["OK"]),
        (1e-9, "echo", ["OK", "OK"]),
        (10.0, "refuse", ["OK"]),
        (10.0, "raise", ["OK", "INTERNAL"]),
    ],
)
async def test_of_unary_calls_so_many_a_second_the_late_and_the_failed_have_a_span(
    settings, echo, span_memory, objective, what, codes
):
    settings = settings.model_copy(
        update={"trace_calls_per_second": 1e-6, "trace_call_objective_seconds": objective}
    )
    async with (
        serving(settings, [Service(ECHO, echo.register)]) as server,
        grpc.aio.insecure_channel(server.address) as channel,
    ):
        await channel.unary_unary(f"/{ECHO}/UnaryUnary")(do("echo"), timeout=20)  # takes the second's span
        with suppress(grpc.RpcError):
            await channel.unary_unary(f"/{ECHO}/UnaryUnary")(do(what), timeout=20)
    spans = span_memory.get_finished_spans()
    assert [span.attributes["rpc.response.status_code"] for span in spans] == codes
    assert all(span.parent is None and span.kind is SpanKind.SERVER for span in spans)
    assert all(span.start_time < span.end_time for span in spans)


async def test_a_call_of_a_traced_caller_always_has_a_span(settings, echo, span_memory):
    settings = settings.model_copy(update={"trace_calls_per_second": 1e-6})
    async with (
        serving(settings, [Service(ECHO, echo.register)]) as server,
        open_channel(server.address) as channel,
    ):
        for _ in range(2):
            span_memory.clear()
            await run(channel, "UnaryUnary", do("echo"))
            sent, served = await two_spans(span_memory)
    assert served.parent.span_id == sent.context.span_id
