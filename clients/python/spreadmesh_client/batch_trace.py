"""The last span of a trace that began with a quote batch: the ranking has reached its reader."""

from opentelemetry.trace import SpanKind
from spreadmesh.scan.v1.ranking_pb2 import RankingBasis

from mesh.telemetry.batches import batch_span


def mark_received(basis: RankingBasis, candidates: int, started_ns: int) -> None:
    """Record "ranking received" in the trace of the quote batch behind a ranking, if that was sampled.

    Args:
        basis: Of the ranking; carries the context.
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
    ):
        pass
