"""Spans written to a file come back as they were, the file stays within its bound, and damage is skipped."""

import json

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.trace import Link, SpanKind, format_span_id, format_trace_id

from mesh.telemetry.span_file import FileSpanExporter
from mesh.telemetry.spans import by_trace, read_spans


@pytest.fixture
def tracer(tmp_path):
    provider = TracerProvider(resource=Resource.create({"service.name": "scanner"}), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(FileSpanExporter(tmp_path / "scanner-1.jsonl", 20_000)))
    yield provider.get_tracer("test")
    provider.shutdown()


def test_a_span_comes_back_as_it_was(tracer, tmp_path):
    with tracer.start_as_current_span("stream") as stream:
        pass
    with tracer.start_as_current_span("root", kind=SpanKind.SERVER) as root:
        link = Link(stream.get_span_context())
        with tracer.start_as_current_span(
            "child", attributes={"rows": 3, "tags": ["a"]}, links=[link]
        ) as child:
            pass
    spans = {span.name: span for span in read_spans(tmp_path)}
    read = spans["child"]
    assert read.service == "scanner"
    assert read.trace_id == format_trace_id(child.get_span_context().trace_id)
    assert read.span_id == format_span_id(child.get_span_context().span_id)
    assert read.parent_span_id == format_span_id(root.get_span_context().span_id)
    assert spans["root"].parent_span_id == ""
    assert spans["root"].kind == "SERVER"
    assert (read.start_ns, read.end_ns) == (child.start_time, child.end_time)
    assert read.duration_seconds == pytest.approx((child.end_time - child.start_time) * 1e-9)
    assert read.attributes == {"rows": 3, "tags": ["a"]}
    assert read.links == ((spans["stream"].trace_id, spans["stream"].span_id),)
    assert [len(group) for group in by_trace(read_spans(tmp_path)).values()] == [1, 2]


def test_the_files_stay_within_twice_their_bound_and_keep_the_newest(tracer, tmp_path):
    for number in range(500):
        with tracer.start_as_current_span(f"span {number}"):
            pass
    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert set(sizes) == {"scanner-1.jsonl", "scanner-1.1.jsonl"}
    assert all(0 < size <= 20_000 for size in sizes.values())
    names = [span.name for span in read_spans(tmp_path)]
    assert names == [f"span {number}" for number in range(500 - len(names), 500)]


def test_each_line_is_an_object_with_the_documented_keys(tracer, tmp_path):
    with tracer.start_as_current_span("one"):
        pass
    (line,) = (tmp_path / "scanner-1.jsonl").read_text().splitlines()
    assert set(json.loads(line)) == {
        *("service", "traceId", "spanId", "parentSpanId", "name", "kind", "startTimeUnixNano"),
        *("endTimeUnixNano", "status", "attributes", "events", "links"),
    }


def test_a_line_cut_off_by_a_crash_is_left_out(tracer, tmp_path):
    with tracer.start_as_current_span("whole"):
        pass
    with (tmp_path / "other-2.jsonl").open("w") as file:
        file.write('{"service":"x","traceId":"12\nnot json\n[]\n')
    assert [span.name for span in read_spans(tmp_path)] == ["whole"]


def test_a_full_disk_loses_spans_and_nothing_else(tracer, tmp_path):
    exporter = FileSpanExporter(tmp_path / "gone" / "a.jsonl", max_bytes=1)
    (tmp_path / "gone" / "a.jsonl").unlink()  # the rotation finds nothing to rename
    with tracer.start_as_current_span("one") as span:
        pass
    assert exporter.export([span]) is SpanExportResult.FAILURE
