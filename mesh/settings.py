"""What every server of the mesh can be told, by variables named like the fields, in upper case."""

import ipaddress
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field, PlainValidator, ValidationInfo, field_validator

from mesh.access.keys import parse_keys
from mesh.access.permissions import DEFAULT_ROLES, parse_least_role
from mesh.access.roles import Role, parse_role
from mesh.admission.priorities import DEFAULT_CALLS, DEFAULT_PRIORITIES, Priority, parse_priority
from mesh.admission.rates import DEFAULT_RATES, DEFAULT_STREAMS, Rate, parse_count, parse_rate
from mesh.environment import EnvironmentSettings, SettingsError
from mesh.methods import MethodTable
from mesh.tls.settings import TlsSettings

__all__ = [
    "AccessSettings",
    "AdmissionSettings",
    "EnvironmentSettings",
    "MeshSettings",
    "SettingsError",
    "TelemetrySettings",
]

Value = TypeVar("Value")


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


def over(defaults: MethodTable[Value], parse: Callable[[str], Value]) -> PlainValidator:
    """Read text as entries over the defaults; a table is one already."""
    return PlainValidator(lambda given: defaults.overlaid(given, parse) if isinstance(given, str) else given)


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


def _role(given: object) -> Role:
    return given if isinstance(given, Role) else parse_role(str(given))


class AccessSettings(EnvironmentSettings):
    """Who may call (docs/access.md)."""

    api_keys_file: Path | None = Field(
        default=None, description="Callers, one line each: name, role, SHA-256 of the key."
    )
    anonymous_role: Annotated[Role, PlainValidator(_role)] = Field(
        default=Role.PREVIEWER, description="Role of everybody where there is no file of keys."
    )
    insecure: Literal["allowed", "refused"] = Field(
        default="refused", description="Whether to listen beyond this machine without keys."
    )
    method_roles: Annotated[MethodTable[Role | None], over(DEFAULT_ROLES, parse_least_role)] = DEFAULT_ROLES

    @field_validator("api_keys_file")
    @classmethod
    def _can_be_read(cls, path: Path | None) -> Path | None:
        if path is None or path == Path():  # an empty variable
            return None
        try:
            parse_keys(path.read_text())
        except OSError as error:
            raise ValueError(f"can't be read: {error.strerror}") from None
        return path


class MeshSettings(AccessSettings, AdmissionSettings, TlsSettings, TelemetrySettings):
    """What every server of the mesh can be told; each room adds its own fields."""

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=0, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"
    max_connection_age_seconds: float | None = Field(
        default=None,
        gt=0,
        description="Ask clients to reconnect after this long, to spread over new servers.",
    )
    health_port: int = Field(
        default=0, ge=0, le=65535, description="Port for plaintext health and nothing else; 0 opens none."
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
    def is_open_to_all(self) -> bool:
        """Whether whoever reaches the port from another machine may call without a key."""
        return self.api_keys_file is None and not _is_loopback(self.host)

    @field_validator("host")
    @classmethod
    def _is_guarded(cls, host: str, given: ValidationInfo) -> str:
        keys_are_wrong = "api_keys_file" not in given.data  # which is told already
        guarded = given.data.get("api_keys_file") is not None or given.data.get("insecure") == "allowed"
        if not (guarded or keys_are_wrong or _is_loopback(host)):
            raise ValueError("beyond this machine API_KEYS_FILE is needed, or INSECURE=allowed for no keys")
        return host


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _uses_collector(exporter: str | None, endpoint: str | None) -> bool:
    return exporter != "none" and (exporter == "otlp" or bool(endpoint))
