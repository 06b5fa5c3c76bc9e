"""A ranking that somebody asked for can be traced to a quote, sampled among its changes or not."""

from opentelemetry import trace
from spreadmesh.scan.v1.ranking_pb2 import RankingBasis

from mesh.telemetry.batches import batch_span
from mesh.telemetry.context import pack_context
from scanner_server.live.ranked import Ranked


def traced_basis(ranked: Ranked) -> RankingBasis:
    """The basis of a ranking that answers the current call.

    Where no sampled batch is among what has changed since the ranking before, it continues the trace of the
    latest sampled one whose quotes the ranking stands on, by a span from its beginning to this answer.
    """
    carried = ranked.snapshot.book.latest_trace
    if ranked.basis.trace_context or ranked.is_last_known or not carried:
        return ranked.basis
    basis = RankingBasis()
    basis.CopyFrom(ranked.basis)
    call = trace.get_current_span()
    with batch_span("scan.rank", carried=carried, stream=call, started_ns=ranked.began_ns) as span:
        span.set_attribute("scan.candidates_formed", basis.candidates_formed)
        basis.trace_context = pack_context(span.get_span_context())
    return basis
