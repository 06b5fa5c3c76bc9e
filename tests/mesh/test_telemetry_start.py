"""Real processes, told by the standard variables where their spans and metrics go."""

import subprocess
import sys
from concurrent import futures

import grpc
import pytest
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from mesh.telemetry.spans import read_spans
from tests.processes import free_port

PROGRAM = """
import asyncio, os, urllib.request
from opentelemetry import trace
from mesh.settings import TelemetrySettings
from mesh.telemetry.counts import Counts
from mesh.telemetry.histogram import Histogram
from mesh.telemetry.observe import observe_counters, observe_gauge, observe_histogram
from mesh.telemetry.start import start_telemetry

async def main():
    port = int(os.environ.get("METRICS_PORT", "0"))
    address = ("127.0.0.1", port) if port else None
    async with start_telemetry("scanner", TelemetrySettings.load(), address) as telemetry:
        sent = Counts("quotes", "rankings")
        observe_counters(
            "spreadmesh.batches.sent", ("kind",), lambda: [((k,), sent[k]) for k in sent], "", "{batch}"
        )
        sent["quotes"] += 3
        observe_gauge("spreadmesh.doors.open", lambda: 2, "")
        work = Histogram()
        observe_histogram("spreadmesh.work", work, "")
        with trace.get_tracer("test").start_as_current_span("work") as span:
            work.record(0.02, span.get_span_context())
        print(telemetry.is_tracing)
        if port:
            print(urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode())

asyncio.run(main())
"""


def run(**environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.strip()


class Collector(trace_service_pb2_grpc.TraceServiceServicer, metrics_service_pb2_grpc.MetricsServiceServicer):
    """Keeps what arrives over OTLP; one method serves both services, as both call it Export."""

    def __init__(self):
        self.spans = []
        self.span_ids = []
        self.points = {}

    def Export(self, request, context):  # noqa: N802 - named by the generated base
        if isinstance(request, trace_service_pb2.ExportTraceServiceRequest):
            for resource in request.resource_spans:
                service = {item.key: item.value.string_value for item in resource.resource.attributes}
                found = [span for scope in resource.scope_spans for span in scope.spans]
                self.spans += [(service["service.name"], span.name) for span in found]
                self.span_ids += [span.span_id for span in found]
            return trace_service_pb2.ExportTraceServiceResponse()
        for resource in request.resource_metrics:
            for scope in resource.scope_metrics:
                self.points |= {metric.name: metric for metric in scope.metrics}
        return metrics_service_pb2.ExportMetricsServiceResponse()


@pytest.fixture
def collector():
    servicer = Collector()
    server = grpc.server(futures.ThreadPoolExecutor(2))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(servicer, server)
    metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(servicer, server)
    servicer.address = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield servicer
    server.stop(0).wait(10)


def test_a_directory_gets_a_file_per_process(tmp_path):
    assert run(SPREADMESH_TRACE_DIR=str(tmp_path)) == "True"
    (span,) = read_spans(tmp_path)
    assert (span.service, span.name) == ("scanner", "work")
    (path,) = tmp_path.iterdir()
    assert path.name.startswith("scanner-")
    assert path.suffix == ".jsonl"


def test_without_any_variable_nothing_is_recorded():
    assert run() == "False"


@pytest.mark.parametrize("off", [{"OTEL_SDK_DISABLED": "true"}, {"OTEL_TRACES_EXPORTER": "none"}])
def test_tracing_can_be_turned_off(tmp_path, off):
    assert run(SPREADMESH_TRACE_DIR=str(tmp_path), **off) == "False"
    assert list(tmp_path.iterdir()) == []


def test_a_collector_gets_spans_and_metrics_before_the_process_ends(collector, tmp_path):
    run(
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.address,
        OTEL_SERVICE_NAME="scanner-spy",
        SPREADMESH_TRACE_DIR=str(tmp_path),
    )
    assert collector.spans == [("scanner-spy", "work")]
    assert list(tmp_path.iterdir()) == [], "a collector replaces the file"
    sent = collector.points["spreadmesh.batches.sent"]
    points = {point.attributes[0].value.string_value: point.as_double for point in sent.sum.data_points}
    assert points == {"quotes": 3, "rankings": 0}
    assert sent.sum.is_monotonic
    assert sent.unit == "{batch}"
    (gauge,) = collector.points["spreadmesh.doors.open"].gauge.data_points
    assert gauge.as_double == 2
    (histogram,) = collector.points["spreadmesh.work"].histogram.data_points
    assert (histogram.count, histogram.sum, histogram.min, histogram.max) == (1, 0.02, 0.02, 0.02)
    assert [exemplar.span_id for exemplar in histogram.exemplars] == collector.span_ids


@pytest.mark.parametrize(("signal", "spans", "metrics"), [("TRACES", 1, 0), ("METRICS", 0, 3)])
def test_a_collector_may_be_named_for_one_signal_alone(collector, signal, spans, metrics):
    is_tracing = run(**{f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT": collector.address})
    assert is_tracing == str(bool(spans))
    assert (len(collector.spans), len(collector.points)) == (spans, metrics)


def test_a_sampler_set_the_standard_way_is_honoured(tmp_path):
    run(SPREADMESH_TRACE_DIR=str(tmp_path), OTEL_TRACES_SAMPLER="always_off")
    assert read_spans(tmp_path) == []


def test_what_a_collector_gets_can_be_scraped_too(collector):
    text = run(OTEL_EXPORTER_OTLP_ENDPOINT=collector.address, METRICS_PORT=str(free_port()))
    lines = text.splitlines()
    assert 'spreadmesh_batches_sent_total{kind="quotes"} 3.0' in lines
    assert 'spreadmesh_work_seconds_bucket{le="0.025"} 1.0' in lines
    assert any(line.startswith('spreadmesh_build_info{python_version="3.') for line in lines)
    assert {"spreadmesh.batches.sent", "spreadmesh.doors.open", "spreadmesh.work"} == collector.points.keys()
