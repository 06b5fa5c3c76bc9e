"""Spans for single batches of a stream: few, short, and all in the trace of the batch they came from.

A stream's own span lives for hours, so a batch cannot be its child. A batch's span starts a trace of its own,
or continues the one its header carries, and is linked to the span of the stream it travelled on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from opentelemetry import trace
from opentelemetry.trace import Link, Span, SpanKind
from opentelemetry.util.types import AttributeValue

from mesh.telemetry.context import unpack_context

TRACER: Final = trace.get_tracer(__name__)


@contextmanager
def batch_span(
    name: str,
    *,
    carried: bytes = b"",
    stream: Span | None = None,
    kind: SpanKind = SpanKind.INTERNAL,
    attributes: dict[str, AttributeValue] | None = None,
    started_ns: int | None = None,
) -> Iterator[Span]:
    """A span around the handling of one batch, current inside the block.

    Args:
        name: What is done, as `quotes.send`.
        carried: The context in the header of the batch this work is about; empty starts a new trace.
        stream: The span of the stream, to link to.
        kind: PRODUCER and CONSUMER at the ends of a hop.
        attributes: Set from the start.
        started_ns: Unix time in nanoseconds, where the work began before the decision to trace it.
    """
    parent = trace.NonRecordingSpan(unpack_context(carried))
    context = trace.set_span_in_context(parent)
    links = [Link(stream.get_span_context())] if stream is not None else []
    with TRACER.start_as_current_span(
        name, context=context, kind=kind, attributes=attributes, links=links, start_time=started_ns
    ) as span:
        yield span
