"""What is told of an order belongs to the trace in which it was placed, also after a restart."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from ibkr_server.orders.order import OrderState
from mesh.telemetry import batches, steps
from mesh.telemetry.batches import batch_span
from tests.ibkr_server.desk.world import ALICE, World, placement, until, virtual


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What the desk records; the process itself has no telemetry."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    for module in (batches, steps):
        monkeypatch.setattr(module, "TRACER", provider.get_tracer("test"))
    yield exporter
    provider.shutdown()


def names(exporter: InMemorySpanExporter) -> list[str]:
    return [span.name for span in exporter.get_finished_spans()]


def named(exporter: InMemorySpanExporter, name: str) -> ReadableSpan:
    (found,) = [span for span in exporter.get_finished_spans() if span.name == name]
    return found


@virtual
async def test_acknowledgement_and_fill_follow_the_sending(world: World, spans: InMemorySpanExporter):
    async with world.desk() as desk:
        with batch_span("call") as call:
            await desk.place(placement(), ALICE)
        held = world.broker.of("c1")
        world.broker.trade(held, 0, 2, "3.10")
        assert names(spans) == ["order.send", "order.acknowledged", "call"]
        world.broker.trade(held, 1, 2, "1.90")
        world.broker.trade(held, 1, 2, "1.90")
    sent, filled = named(spans, "order.send"), named(spans, "order.filled")
    assert sent.parent.span_id == call.get_span_context().span_id
    for told in (named(spans, "order.acknowledged"), filled):
        assert told.context.trace_id == sent.context.trace_id
        assert told.parent.span_id == sent.context.span_id
    assert filled.attributes == {"order.state": "Filled", "order.filled": "2"}
    assert sent.attributes == {"order.client_order_id": "c1"}


@virtual
async def test_a_fill_after_a_restart_is_in_the_trace_of_its_placement(
    world: World, spans: InMemorySpanExporter
):
    async with world.desk() as desk:
        with batch_span("call"):
            await desk.place(placement(), ALICE)
    async with world.desk() as desk:
        held = world.broker.of("c1")
        world.broker.trade(held, 0, 2, "3.10")
        world.broker.trade(held, 1, 2, "1.90")
        await until(lambda: desk.get("c1", None, ALICE).state is OrderState.FILLED)
    assert names(spans) == ["order.send", "order.acknowledged", "call", "order.filled"]
    assert named(spans, "order.filled").parent.span_id == named(spans, "order.send").context.span_id


@virtual
async def test_a_refusal_ends_it(world: World, spans: InMemorySpanExporter):
    world.broker.behaviour.refuses_with = 201
    async with world.desk() as desk:
        with batch_span("call"):
            await desk.place(placement(), ALICE)
        await until(lambda: desk.get("c1", None, ALICE).state.is_done)
    assert named(spans, "order.ended").attributes["order.state"] == "Rejected"
    assert "order.filled" not in names(spans)


@virtual
async def test_what_was_placed_without_a_trace_begins_none(world: World, spans: InMemorySpanExporter):
    async with world.desk() as desk:
        await desk.place(placement(), ALICE)
        world.broker.trade(world.broker.of("c1"), 0, 2, "3.10")
        world.broker.trade(world.broker.of("c1"), 1, 2, "1.90")
    assert names(spans) == []
