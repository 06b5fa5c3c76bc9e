"""Setting telemetry up for one process, from the standard environment variables."""

import asyncio
import os
import platform
import re
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    InMemoryMetricReader,
    MetricReader,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from mesh.settings import TelemetrySettings
from mesh.telemetry.span_file import FileSpanExporter

FLUSH_MILLIS: Final = 5_000
FILE_DELAY_MILLIS: Final = 1_000


class Telemetry:
    """What was started; leaving the block, plain or async, sends what is still buffered."""

    def __init__(
        self,
        tracers: TracerProvider | None = None,
        meters: MeterProvider | None = None,
        close_endpoint: Callable[[], None] | None = None,
    ) -> None:
        self._tracers = tracers
        self._meters = meters
        self._close_endpoint = close_endpoint

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
        if self._close_endpoint is not None:
            self._close_endpoint()

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


def start_telemetry(
    service_name: str, settings: TelemetrySettings, metrics_address: tuple[str, int] | None = None
) -> Telemetry:
    """Install the process's tracer and meter providers.

    Spans go to a collector where `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is set
    or `OTEL_TRACES_EXPORTER=otlp`, otherwise to `$SPREADMESH_TRACE_DIR/<service>-<pid>.jsonl` where that is
    set, otherwise nowhere. Metrics go to a collector, told by the same variables with METRICS for TRACES, or
    to no collector, and may be scraped at `metrics_address`, if that is given. `none` as exporter turns one
    off, and `OTEL_SDK_DISABLED=true` everything. `OTEL_SERVICE_NAME` wins over `service_name`.

    Raises:
        OSError: The address for metrics cannot be listened on.
    """
    if settings.otel_sdk_disabled:
        return Telemetry()
    service = os.environ.get("OTEL_SERVICE_NAME", service_name)
    resource = Resource.create({"service.name": service, "service.version": version("spreadmesh")})
    readers: list[MetricReader] = []
    close_endpoint = None
    if metrics_address is not None:
        scraped = InMemoryMetricReader()
        close_endpoint = _open_endpoint(metrics_address, scraped, service)
        readers.append(scraped)
    if settings.metrics_to_collector:
        readers.append(_collector_reader())
    return Telemetry(
        _tracer_provider(service_name, settings, resource), _meter_provider(readers, resource), close_endpoint
    )


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


def _meter_provider(readers: list[MetricReader], resource: Resource) -> MeterProvider | None:
    if not readers:
        return None
    provider = MeterProvider(readers, resource=resource, shutdown_on_exit=False)
    metrics.set_meter_provider(provider)
    return provider


def _collector_reader() -> MetricReader:
    from mesh.telemetry.collector_exporter import CollectorExporter

    return PeriodicExportingMetricReader(CollectorExporter())


def _open_endpoint(
    address: tuple[str, int], reader: InMemoryMetricReader, service: str
) -> Callable[[], None]:
    from mesh.telemetry.endpoint import MetricsEndpoint
    from mesh.telemetry.exposition import registry_of

    build = {
        "service": service,
        "version": version("spreadmesh"),
        "python_version": platform.python_version(),
    }
    return MetricsEndpoint(*address, registry_of(reader, build)).close
