"""Names, units and exemplars in the formats of Prometheus, read back by its own parsers."""

import pytest
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.trace import SpanContext, TraceFlags
from prometheus_client import CollectorRegistry, generate_latest

from mesh.telemetry import observe
from mesh.telemetry.exposition import registry_of
from mesh.telemetry.histogram import Histogram
from tests.exposed import families


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> CollectorRegistry:
    reader = InMemoryMetricReader()
    monkeypatch.setattr(metrics, "get_meter", MeterProvider([reader]).get_meter)
    monkeypatch.setattr(observe, "histograms", {})
    monkeypatch.setattr("mesh.telemetry.collected.histograms", observe.histograms)
    return registry_of(reader, {"service": "test", "version": "1"})


def test_names_follow_the_rules(registry: CollectorRegistry) -> None:
    observe.observe_counter("a.b.eggs", lambda: 3, "Eggs.", "{egg}")
    observe.observe_counters("a.sent", ("x.y",), lambda: [(("p",), 1), (("q",), 2)], "Sent.", "By")
    observe.observe_gauge("a.up", lambda: True, "1 while up.")
    observe.observe_gauge("a.age", lambda: 0.5, "Age.", "s")
    found = families(registry)
    assert (found["a_b_eggs"].type, found["a_b_eggs"].samples[0].name) == ("counter", "a_b_eggs_total")
    assert found["a_sent_bytes"].unit == "bytes"
    assert [(s.labels, s.value) for s in found["a_sent_bytes"].samples] == [
        ({"x_y": "p"}, 1),
        ({"x_y": "q"}, 2),
    ]
    assert (found["a_up"].type, found["a_up"].unit, found["a_up"].samples[0].value) == ("gauge", "", 1)
    assert (found["a_age_seconds"].unit, found["a_age_seconds"].documentation) == ("seconds", "Age.")
    assert found["spreadmesh_build"].samples[0].labels == {"service": "test", "version": "1"}
    assert {"process_cpu_seconds", "python_gc_collections"} <= found.keys()


def test_what_has_nothing_to_tell_is_absent(registry: CollectorRegistry) -> None:
    observe.observe_gauge("a.age", lambda: None, "Age.", "s")
    observe.observe_histograms("a.wait", ("lane",), list, "Wait.")
    assert not {"a_age_seconds", "a_wait_seconds"} & families(registry).keys()


def test_buckets_are_cumulative_and_carry_exemplars(registry: CollectorRegistry) -> None:
    histogram = Histogram((0.1, 1.0))
    observe.observe_histogram("a.wait", histogram, "Wait.")
    observe.observe_gauge("a.up", lambda: True, "1 while up.")
    histogram.record(0.1, SpanContext(0xABC, 0xDEF, is_remote=False, trace_flags=TraceFlags(1)))
    histogram.record(0.2)
    histogram.record(7)
    buckets = [s for s in families(registry)["a_wait_seconds"].samples if s.name == "a_wait_seconds_bucket"]
    assert [(s.labels["le"], s.value) for s in buckets] == [("0.1", 1), ("1.0", 2), ("+Inf", 3)]
    (exemplar,) = [s.exemplar for s in buckets if s.exemplar]
    assert exemplar.labels == {"trace_id": f"{0xABC:032x}", "span_id": f"{0xDEF:016x}"}
    assert (exemplar.value, buckets[0].exemplar) == (0.1, exemplar)
    assert "trace_id" not in generate_latest(registry).decode()  # the text format knows none
