"""Setting telemetry up for one process, from the standard environment variables."""

import asyncio
import os
import re
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from mesh.settings import TelemetrySettings
from mesh.telemetry.span_file import FileSpanExporter

FLUSH_MILLIS: Final = 5_000
FILE_DELAY_MILLIS: Final = 1_000


class Telemetry:
    """What was started; leaving the block, plain or async, sends what is still buffered."""

    def __init__(self, tracers: TracerProvider | None, meters: MeterProvider | None) -> None:
        self._tracers = tracers
        self._meters = meters

    @property
    def is_tracing(self) -> bool:
        """Whether spans are recorded at all."""
        return self._tracers is not None

    def shutdown(self) -> None:
        """Flush and stop; blocks for a few seconds if a collector does not answer."""
        if self._tracers is not None:
            self._tracers.shutdown()
        if self._meters is not None:
            self._meters.shutdown(FLUSH_MILLIS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.shutdown()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.shutdown)


def start_telemetry(service_name: str, settings: TelemetrySettings) -> Telemetry:
    """Install the process's tracer and meter providers.

    Spans go to a collector where `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is set
    or `OTEL_TRACES_EXPORTER=otlp`, otherwise to `$SPREADMESH_TRACE_DIR/<service>-<pid>.jsonl` where that is
    set, otherwise nowhere. Metrics go to a collector, told by the same variables with METRICS for TRACES, or
    nowhere. `none` as exporter, and `OTEL_SDK_DISABLED=true`, turn off.
    `OTEL_SERVICE_NAME` wins over `service_name`.
    """
    if settings.otel_sdk_disabled:
        return Telemetry(None, None)
    resource = Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", service_name)})
    return Telemetry(_tracer_provider(service_name, settings, resource), _meter_provider(settings, resource))


def _tracer_provider(
    service_name: str, settings: TelemetrySettings, resource: Resource
) -> TracerProvider | None:
    processor = _span_processor(service_name, settings)
    if processor is None:
        return None
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(processor)
    trace.set_tracer_provider(provider)
    return provider


def _span_processor(service_name: str, settings: TelemetrySettings) -> BatchSpanProcessor | None:
    if settings.otel_traces_exporter == "none":
        return None
    if settings.spans_to_collector:
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

        return BatchSpanProcessor(OTLPSpanExporter())
    if settings.spreadmesh_trace_dir is None:
        return None
    name = f"{re.sub(r'[^A-Za-z0-9_.-]', '_', service_name)}-{os.getpid()}.jsonl"
    exporter: SpanExporter = FileSpanExporter(Path(settings.spreadmesh_trace_dir) / name)
    return BatchSpanProcessor(exporter, schedule_delay_millis=FILE_DELAY_MILLIS)


def _meter_provider(settings: TelemetrySettings, resource: Resource) -> MeterProvider | None:
    if not settings.metrics_to_collector:
        return None
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter

    reader = PeriodicExportingMetricReader(OTLPMetricExporter())
    provider = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
    metrics.set_meter_provider(provider)
    return provider
