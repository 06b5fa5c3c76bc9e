"""What goes to a collector: all the SDK has collected, and our histograms."""

from typing import Any

from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics.export import MetricExportResult, MetricsData

from mesh.telemetry.collected import with_histograms


class CollectorExporter(OTLPMetricExporter):
    """OTLP over gRPC, set up by the standard variables; the histograms are always cumulative."""

    def export(
        self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any
    ) -> MetricExportResult:
        """Send everything."""
        return super().export(with_histograms(metrics_data), timeout_millis, **kwargs)
