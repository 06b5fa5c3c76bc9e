"""A batch's context survives its 25 bytes, and one trace runs through every process that handles a batch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags

from mesh.telemetry.batches import batch_span
from mesh.telemetry.context import CONTEXT_BYTES, pack_context, unpack_context
from mesh.telemetry.sampling import BatchSampler, StreamSampler
from mesh.telemetry.steps import step_span

TRACE_IDS = st.integers(1, 2**128 - 1)
SPAN_IDS = st.integers(1, 2**64 - 1)


@given(trace_id=TRACE_IDS, span_id=SPAN_IDS)
def test_a_sampled_context_comes_back(trace_id, span_id):
    flags = TraceFlags(TraceFlags.SAMPLED)
    packed = pack_context(SpanContext(trace_id, span_id, is_remote=False, trace_flags=flags))
    assert len(packed) == CONTEXT_BYTES
    back = unpack_context(packed)
    assert (back.trace_id, back.span_id, back.trace_flags) == (trace_id, span_id, flags)
    assert back.is_remote


@given(trace_id=TRACE_IDS, span_id=SPAN_IDS)
def test_what_nobody_records_is_not_sent(trace_id, span_id):
    unsampled = SpanContext(trace_id, span_id, is_remote=False, trace_flags=TraceFlags(0))
    assert pack_context(unsampled) == b""
    assert pack_context(trace.INVALID_SPAN_CONTEXT) == b""


@given(packed=st.binary(max_size=40))
def test_any_bytes_give_a_context_or_the_invalid_one(packed):
    context = unpack_context(packed)
    meaningful = len(packed) == CONTEXT_BYTES and any(packed[:16]) and any(packed[16:24])
    assert context.is_valid == meaningful


def test_known_bytes():
    packed = bytes.fromhex("0af7651916cd43dd8448eb211c80319c" + "b7ad6b7169203331" + "01")
    context = unpack_context(packed)
    assert trace.format_trace_id(context.trace_id) == "0af7651916cd43dd8448eb211c80319c"
    assert trace.format_span_id(context.span_id) == "b7ad6b7169203331"
    assert pack_context(context) == packed


@pytest.mark.parametrize(
    ("drawn", "age_seconds", "carried", "wanted"),
    [
        (0.5, 0.0, b"", False),
        (0.009, 0.0, b"", True),
        (0.01, 0.0, b"", False),
        (0.5, 0.051, b"", True),
        (0.5, 0.05, b"", False),
        (0.5, 0.0, b"x" * 25, True),
    ],
)
def test_a_share_the_late_and_the_already_traced_get_a_span(drawn, age_seconds, carried, wanted):
    sampler = BatchSampler(0.01, 0.05, chance=lambda: drawn)
    assert sampler.wants(age_seconds, carried) == wanted


def test_one_trace_runs_from_the_quote_to_the_client(span_memory):
    tracer = trace.get_tracer("test")
    with (
        tracer.start_as_current_span("stream of quotes") as stream,
        batch_span("quotes.send", stream=stream, kind=SpanKind.PRODUCER) as sent,
    ):
        quotes_header = pack_context(sent.get_span_context())
    with batch_span("quotes.ingest", carried=quotes_header, kind=SpanKind.CONSUMER) as ingested:
        batch_context = pack_context(ingested.get_span_context())
    with batch_span("ranking.update", carried=batch_context) as ranked:
        ranking_header = pack_context(ranked.get_span_context())
    with batch_span("ranking.receive", carried=ranking_header, attributes={"rows": 10}):
        pass
    spans = {span.name: span for span in span_memory.get_finished_spans()}
    send = spans["quotes.send"]
    assert send.parent is None, "hours of batches do not share the stream's trace"
    assert send.links[0].context.span_id == stream.get_span_context().span_id
    assert spans["quotes.ingest"].parent.span_id == send.context.span_id
    assert spans["ranking.update"].parent.span_id == spans["quotes.ingest"].context.span_id
    assert spans["ranking.receive"].parent.span_id == spans["ranking.update"].context.span_id
    assert spans["ranking.receive"].attributes["rows"] == 10
    batch = [span for name, span in spans.items() if name != "stream of quotes"]
    assert {span.context.trace_id for span in batch} == {send.context.trace_id}


def test_a_span_can_begin_before_the_decision_to_trace(span_memory):
    with batch_span("late", started_ns=1_000):
        pass
    (span,) = span_memory.get_finished_spans()
    assert span.start_time == 1_000


def test_work_inside_a_batch_span_is_its_child(span_memory):
    with batch_span("outer"), trace.get_tracer("test").start_as_current_span("inner"):
        pass
    inner, outer = span_memory.get_finished_spans()
    assert inner.parent.span_id == outer.context.span_id


def test_of_a_stream_the_first_batch_and_then_one_in_a_second_get_a_span():
    times = iter((0.0, 0.5, 0.99, 1.0, 1.5, 2.0, 2.2, 3.1))
    sampler = StreamSampler(BatchSampler(0.01, 0.05, chance=lambda: 0.5), clock=lambda: next(times))
    assert [sampler.wants() for _ in range(6)] == [True, False, False, True, False, True]
    assert sampler.wants(age_seconds=0.051)  # a late one, after which the second begins anew
    assert not sampler.wants()


def test_a_step_has_a_span_only_inside_one_that_is_recorded(span_memory):
    with step_span("step") as context:
        assert context == b""
    with batch_span("work"), step_span("step", {"n": 1}) as context:
        pass
    step, work = span_memory.get_finished_spans()
    assert (step.name, dict(step.attributes), step.parent.span_id) == ("step", {"n": 1}, work.context.span_id)
    assert context == pack_context(step.context)
