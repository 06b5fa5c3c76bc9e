"""A trace that began with a quote batch, in a client: the ranking has come, and what is done with it."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.trace import SpanKind
from spreadmesh.scan.v1.ranking_pb2 import RankingBasis

from mesh.telemetry.batches import batch_span
from mesh.telemetry.context import pack_context


def mark_received(basis: RankingBasis, candidates: int, started_ns: int) -> None:
    """Record "ranking received" in the trace of the quote batch behind a ranking, if that was sampled.

    Args:
        basis: Of the ranking; carries the context, and from then on that of the new span.
        candidates: Number of candidates received.
        started_ns: Unix time at which the message arrived, nanoseconds.
    """
    if not basis.trace_context:
        return
    with batch_span(
        "ranking received",
        carried=basis.trace_context,
        kind=SpanKind.CONSUMER,
        attributes={"spreadmesh.candidates": candidates, "spreadmesh.coverage": basis.coverage},
        started_ns=started_ns,
    ) as span:
        basis.trace_context = pack_context(span.get_span_context())


@contextmanager
def continuing(trace_context: bytes, name: str) -> Iterator[None]:
    """A span around what is done because of a ranking: calls inside belong to the trace of its quotes.

    Args:
        trace_context: `basis.trace_context` of the ranking; empty begins a trace of its own.
        name: What is done, as "order place".
    """
    with batch_span(name, carried=trace_context):
        yield
