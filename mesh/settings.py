"""What every server of the mesh can be told, by variables named like the fields, in upper case."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from mesh.access.settings import AccessSettings
from mesh.admission.priorities import DEFAULT_CALLS, DEFAULT_PRIORITIES, Priority, parse_priority
from mesh.admission.rates import DEFAULT_RATES, DEFAULT_STREAMS, Rate, parse_count, parse_rate
from mesh.environment import EnvironmentSettings, SettingsError, over
from mesh.methods import MethodTable

__all__ = [
    "AccessSettings",
    "AdmissionSettings",
    "EnvironmentSettings",
    "MeshSettings",
    "SettingsError",
    "TelemetrySettings",
]


class TelemetrySettings(EnvironmentSettings):
    """Where spans and metrics go, and which batches get a span; the SDK reads the rest of `OTEL_*`."""

    otel_sdk_disabled: bool = False
    otel_traces_exporter: Literal["otlp", "none"] | None = None
    otel_metrics_exporter: Literal["otlp", "none"] | None = None
    otel_exporter_otlp_endpoint: str | None = Field(default=None, description="An OTLP collector, over gRPC.")
    otel_exporter_otlp_traces_endpoint: str | None = Field(default=None, description="One for spans.")
    otel_exporter_otlp_metrics_endpoint: str | None = Field(default=None, description="One for metrics.")
    spreadmesh_trace_dir: Path | None = Field(default=None, description="Directory for span files.")
    trace_batch_ratio: float = Field(default=0.01, ge=0, le=1, description="Share of batches with a span.")
    trace_batch_objective_seconds: float = Field(
        default=0.05, gt=0, description="A batch older than this always gets a span."
    )
    trace_calls_per_second: float = Field(
        default=20, gt=0, description="Unary calls per second with a span whose caller is not traced."
    )
    trace_call_objective_seconds: float = Field(
        default=0.25, gt=0, description="A unary call that takes longer always gets a span."
    )

    @property
    def spans_to_collector(self) -> bool:
        """Whether spans go to an OTLP collector."""
        endpoint = self.otel_exporter_otlp_traces_endpoint or self.otel_exporter_otlp_endpoint
        return _uses_collector(self.otel_traces_exporter, endpoint)

    @property
    def metrics_to_collector(self) -> bool:
        """Whether metrics go to an OTLP collector."""
        endpoint = self.otel_exporter_otlp_metrics_endpoint or self.otel_exporter_otlp_endpoint
        return _uses_collector(self.otel_metrics_exporter, endpoint)


class AdmissionSettings(EnvironmentSettings):
    """What a server takes on, as `method=value,method=value` over the defaults (docs/limits.md)."""

    rate_limits: Annotated[MethodTable[Rate], over(DEFAULT_RATES, parse_rate)] = DEFAULT_RATES
    stream_limits: Annotated[MethodTable[float], over(DEFAULT_STREAMS, parse_count)] = DEFAULT_STREAMS
    call_limits: Annotated[MethodTable[float], over(DEFAULT_CALLS, parse_count)] = DEFAULT_CALLS
    call_priorities: Annotated[MethodTable[Priority], over(DEFAULT_PRIORITIES, parse_priority)] = (
        DEFAULT_PRIORITIES
    )
    shed_delay_seconds: float = Field(
        default=0.5, gt=0, description="Normal calls are shed while the event loop is this far behind."
    )


class MeshSettings(AccessSettings, AdmissionSettings, TelemetrySettings):
    """What every server of the mesh can be told; each room adds its own fields."""

    port: int = Field(default=0, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"
    max_connection_age_seconds: float | None = Field(
        default=None,
        gt=0,
        description="Ask clients to reconnect after this long, to spread over new servers.",
    )
    max_connection_age_grace_seconds: float = Field(
        default=30.0, gt=0, description="How long calls may go on over a connection that is so old."
    )
    health_port: int = Field(
        default=0, ge=0, le=65535, description="Port for plaintext health and nothing else; 0 opens none."
    )
    metrics_port: int = Field(
        default=0, ge=0, le=65535, description="Port for Prometheus, plaintext; 0 opens none."
    )
    max_connections: int = Field(
        default=1_000, ge=1, description="Connections at once; what comes beyond is closed unanswered."
    )
    max_connection_streams: int = Field(
        default=1_000, ge=1, description="Calls and streams at once on one connection; others wait."
    )
    drain_seconds: float = Field(
        default=5.0, ge=0, le=10, description="From NOT_SERVING until open streams are ended."
    )

    @property
    def metrics_address(self) -> tuple[str, int] | None:
        """Where Prometheus may scrape, if anywhere."""
        return (self.host, self.metrics_port) if self.metrics_port else None


def _uses_collector(exporter: str | None, endpoint: str | None) -> bool:
    return exporter != "none" and (exporter == "otlp" or bool(endpoint))
