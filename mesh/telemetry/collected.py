"""All that exporters get: what the SDK has collected, and our histograms, which it knows nothing of."""

import time
from typing import Final

from opentelemetry.sdk.metrics import Exemplar
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    HistogramDataPoint,
    Metric,
    MetricsData,
    ResourceMetrics,
    ScopeMetrics,
)
from opentelemetry.sdk.metrics.export import Histogram as HistogramData
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from mesh.telemetry.histogram import Histogram
from mesh.telemetry.observe import Histograms, histograms

SCOPE: Final = InstrumentationScope(__name__)


def with_histograms(data: MetricsData) -> MetricsData:
    """The same with every histogram added to each resource."""
    now_ns = time.time_ns()
    metrics = [_metric(name, each, now_ns) for name, each in histograms.items()]
    ours = ScopeMetrics(SCOPE, metrics, "")
    return MetricsData(
        [
            ResourceMetrics(each.resource, [*each.scope_metrics, ours], each.schema_url)
            for each in data.resource_metrics
        ]
    )


def _metric(name: str, each: Histograms, now_ns: int) -> Metric:
    points = [
        _data_point(histogram, dict(zip(each.labels, values, strict=True)), now_ns)
        for values, histogram in each.read()
    ]
    return Metric(name, each.description, "s", HistogramData(points, AggregationTemporality.CUMULATIVE))


def _data_point(histogram: Histogram, attributes: dict[str, str], now_ns: int) -> HistogramDataPoint:
    buckets = list(histogram.buckets)
    return HistogramDataPoint(
        attributes=attributes,
        start_time_unix_nano=histogram.began_ns,
        time_unix_nano=now_ns,
        count=sum(buckets),
        sum=histogram.sum,
        bucket_counts=buckets,
        explicit_bounds=histogram.bounds,
        min=min(histogram.smallest, histogram.largest),
        max=histogram.largest,
        exemplars=[
            Exemplar({}, each.value, each.time_ns, each.span.span_id, each.span.trace_id)
            for each in histogram.exemplars
            if each is not None
        ],
    )
