"""Spans for the steps of what is traced already."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from opentelemetry import trace
from opentelemetry.util.types import AttributeValue

from mesh.telemetry.context import pack_context

TRACER: Final = trace.get_tracer(__name__)


@contextmanager
def step_span(name: str, attributes: dict[str, AttributeValue] | None = None) -> Iterator[bytes]:
    """A span around one step of the current one; none where that is not recorded, as a step is no trace.

    Yields:
        Its context, as `pack_context` writes it, for whatever goes on with it later; empty without a span.
    """
    if not trace.get_current_span().is_recording():
        yield b""
        return
    with TRACER.start_as_current_span(name, attributes=attributes) as span:
        yield pack_context(span.get_span_context())
