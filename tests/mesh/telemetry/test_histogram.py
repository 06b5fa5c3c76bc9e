"""Our histogram against the SDK's."""

import math

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader
from opentelemetry.trace import SpanContext, TraceFlags

from mesh.telemetry.histogram import SECONDS, Histogram

SAMPLED, DROPPED = TraceFlags(TraceFlags.SAMPLED), TraceFlags(TraceFlags.DEFAULT)
VALUES = st.lists(st.one_of(st.sampled_from(SECONDS), st.floats(0, 100)), min_size=1)


def of_the_sdk(values: list[float]) -> HistogramDataPoint:
    reader = InMemoryMetricReader()
    theirs = (
        MeterProvider([reader])
        .get_meter("test")
        .create_histogram("h", explicit_bucket_boundaries_advisory=SECONDS)
    )
    for value in values:
        theirs.record(value)
    data = reader.get_metrics_data()
    assert data is not None
    (point,) = data.resource_metrics[0].scope_metrics[0].metrics[0].data.data_points
    assert isinstance(point, HistogramDataPoint)
    return point


@given(VALUES)
def test_counts_as_the_sdk_does(values: list[float]) -> None:
    ours, theirs = Histogram(), of_the_sdk(values)
    for value in values:
        ours.record(value)
    assert (ours.buckets, ours.bounds) == (list(theirs.bucket_counts), tuple(theirs.explicit_bounds))
    assert (ours.smallest, ours.largest, ours.count) == (theirs.min, theirs.max, theirs.count)
    assert math.isclose(ours.sum, theirs.sum)


def span(number: int, flags: TraceFlags = SAMPLED) -> SpanContext:
    return SpanContext(trace_id=number, span_id=number, is_remote=False, trace_flags=flags)


def test_the_last_sampled_measurement_of_a_bucket_is_its_exemplar() -> None:
    histogram = Histogram((1.0, 2.0))
    histogram.record(0.5, span(1))
    histogram.record(1.0, span(2))
    histogram.record(0.7, span(3, DROPPED))
    histogram.record(0.8)
    histogram.record(9.0, span(4))
    found = [exemplar and (exemplar.value, exemplar.span.trace_id) for exemplar in histogram.exemplars]
    assert found == [(1.0, 2), None, (9.0, 4)]
