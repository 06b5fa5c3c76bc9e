"""What the SDK has collected, as Prometheus names and writes it.

Rules: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/, with no labels for
instrumentation scopes, as every name is that of one scope. OpenTelemetry's own exporter leaves out exemplars.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from opentelemetry.sdk.metrics.export import (
    HistogramDataPoint,
    InMemoryMetricReader,
    Metric,
    NumberDataPoint,
    Sum,
)
from prometheus_client import CollectorRegistry, GCCollector, Info, ProcessCollector
from prometheus_client import Metric as Family
from prometheus_client.registry import Collector
from prometheus_client.samples import Exemplar
from prometheus_client.utils import floatToGoString

from mesh.telemetry.collected import with_histograms

UNITS: Final = {"s": "seconds", "By": "bytes"}
_NO_LETTER: Final = re.compile(r"[^a-zA-Z0-9]+")

Labels = dict[str, str]


def registry_of(reader: InMemoryMetricReader, build: dict[str, str]) -> CollectorRegistry:
    """All that is exported: ours, and what the process and its garbage collector tell of themselves."""
    registry = CollectorRegistry()
    registry.register(SdkCollector(reader))
    Info("spreadmesh_build", "What is running.", registry=registry).info(build)
    ProcessCollector(registry=registry)
    GCCollector(registry)
    return registry


class SdkCollector(Collector):
    """Collects for a registry of prometheus_client whatever a reader of the SDK reads.

    In memory is what the SDK calls its reader that reads on request.
    """

    def __init__(self, reader: InMemoryMetricReader) -> None:
        self._reader = reader

    def collect(self) -> Iterator[Family]:
        """Every metric with at least one figure."""
        data = self._reader.get_metrics_data()
        for resource in () if data is None else with_histograms(data).resource_metrics:
            for scope in resource.scope_metrics:
                yield from (family_of(metric) for metric in scope.metrics if metric.data.data_points)


def family_of(metric: Metric) -> Family:
    """One metric with Prometheus' name, the unit as its suffix."""
    name = _NO_LETTER.sub("_", metric.name)
    kind = "counter" if isinstance(metric.data, Sum) else "gauge"
    if any(isinstance(point, HistogramDataPoint) for point in metric.data.data_points):
        kind = "histogram"
    family = Family(name, metric.description or "", kind, UNITS.get(metric.unit or "", ""))
    for point in metric.data.data_points:
        labels = {_NO_LETTER.sub("_", key): str(value) for key, value in (point.attributes or {}).items()}
        if isinstance(point, HistogramDataPoint):
            _add_histogram(family, labels, point)
        elif isinstance(point, NumberDataPoint):
            suffix = "_total" if kind == "counter" else ""
            family.add_sample(family.name + suffix, labels, point.value)
    return family


def _add_histogram(family: Family, labels: Labels, point: HistogramDataPoint) -> None:
    exemplars = {
        bisect_left(point.explicit_bounds, each.value): Exemplar(
            {"trace_id": f"{each.trace_id:032x}", "span_id": f"{each.span_id:016x}"},
            each.value,
            each.time_unix_nano / 1e9,
        )
        for each in point.exemplars
    }
    total = 0
    bounds = (*map(floatToGoString, point.explicit_bounds), "+Inf")
    for number, (bound, count) in enumerate(zip(bounds, point.bucket_counts, strict=True)):
        total += count
        bucket = {**labels, "le": bound}
        family.add_sample(family.name + "_bucket", bucket, total, exemplar=exemplars.get(number))
    family.add_sample(family.name + "_count", labels, total)
    family.add_sample(family.name + "_sum", labels, point.sum)
