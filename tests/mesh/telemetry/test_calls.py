"""Calls and streams of a real server, counted by method and status."""

import asyncio
from collections.abc import Callable

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from mesh.drain import Drain
from mesh.settings import MeshSettings
from mesh.telemetry import calls
from mesh.telemetry.calls import DRAINED, Streams, UnaryCalls
from mesh.telemetry.histogram import Exemplar
from tests.mesh.conftest import ECHO, EchoClient, EchoServicer

UNARY, STREAM = f"{ECHO}/UnaryUnary", f"{ECHO}/StreamStream"


def asking(do: str) -> bytes:
    request = Struct()
    request["do"] = do
    return request.SerializeToString()


@pytest.fixture(autouse=True)
def _counted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests have counted too; a new server looks its counts up anew."""
    monkeypatch.setattr(calls, "_unary", {})
    monkeypatch.setattr(calls, "_streams", {})


@pytest.fixture
def settings() -> MeshSettings:
    """One call gets a span unasked, and no more."""
    return MeshSettings(drain_seconds=0, trace_calls_per_second=1e-9)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - counts tell nobody when they change
            await asyncio.sleep(0.01)


def unary() -> UnaryCalls:
    return calls._unary[UNARY]


def streams() -> Streams:
    return calls._streams[STREAM]


async def test_unary_calls_are_timed_by_status(client: EchoClient, echo: EchoServicer) -> None:
    for do in ("", "", "refuse", "raise"):
        await asyncio.gather(client.call("UnaryUnary", asking(do)), return_exceptions=True)
    left = client.start("UnaryUnary", asking("wait"))
    await echo.waiting.wait()
    left.cancel()
    await until(lambda: "CANCELLED" in unary().by_status)
    counts = {status: histogram.count for status, histogram in unary().by_status.items()}
    assert counts == {"OK": 2, "FAILED_PRECONDITION": 1, "INTERNAL": 1, "CANCELLED": 1}
    assert 0 < unary().by_status["OK"].sum < 5


@pytest.mark.parametrize("carried", [True, False])
async def test_exemplars_are_of_the_calls_that_have_spans(
    client: EchoClient, span_memory: InMemorySpanExporter, carried: bool
) -> None:
    await client.call("UnaryUnary", asking(""))  # which has a span
    metadata = (("traceparent", f"00-{0xA:032x}-{0xB:016x}-01"),) if carried else ()
    span_memory.clear()
    histogram = unary().by_status["OK"]
    histogram.exemplars = [None] * len(histogram.exemplars)
    await client.call("UnaryUnary", asking(""), metadata=metadata)
    await until(lambda: histogram.count == 2)
    found: list[Exemplar] = [exemplar for exemplar in histogram.exemplars if exemplar]
    spans = [span.get_span_context() for span in span_memory.get_finished_spans()]
    assert [exemplar.span for exemplar in found] == spans
    assert len(found) == carried


async def test_streams_are_open_until_they_end(client: EchoClient, echo: EchoServicer) -> None:
    await client.call("StreamStream", asking(""))
    left = client.start("StreamStream", asking("wait"))
    await echo.waiting.wait()
    assert (streams().started, streams().open) == (2, 1)
    left.cancel()
    await until(lambda: streams().open == 0)
    assert {status: streams().ended[status] for status in streams().ended} == {"OK": 1, "CANCELLED": 1}
    assert UNARY not in calls._unary


async def test_a_stream_that_the_server_ends_is_drained(
    client: EchoClient, echo: EchoServicer, drain: Drain
) -> None:
    await client.call("StreamStream", asking(""))
    before = DRAINED[STREAM]
    open_stream = asyncio.ensure_future(client.call("StreamStream", asking("wait")))
    await echo.waiting.wait()
    drain.end()
    with pytest.raises(grpc.aio.AioRpcError, match="shutting down"):
        await open_stream
    assert DRAINED[STREAM] == before + 1
    assert streams().ended["UNAVAILABLE"] == 1
