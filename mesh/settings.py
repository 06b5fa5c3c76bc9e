"""Settings come from environment variables named like the fields, in upper case and without a prefix."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field, PlainValidator, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from mesh.admission.priorities import DEFAULT_CALLS, DEFAULT_PRIORITIES, Priority, parse_priority
from mesh.admission.rates import DEFAULT_RATES, DEFAULT_STREAMS, Rate, parse_count, parse_rate
from mesh.methods import MethodTable

Value = TypeVar("Value")


class SettingsError(Exception):
    """Environment variables that cannot be used; `lines` has one line per variable, without secrets."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class EnvironmentSettings(BaseSettings):
    """A set of environment variables."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    @classmethod
    def load(cls) -> Self:
        """Read the environment.

        Raises:
            SettingsError: One or more variables are missing or invalid.
        """
        try:
            return cls()
        except ValidationError as error:
            raise SettingsError([_line(cls, dict(item)) for item in error.errors()]) from None

    @classmethod
    def load_or_exit(cls) -> Self:
        """Read the environment; on invalid values print one line for each and exit with status 2."""
        try:
            return cls.load()
        except SettingsError as error:
            print(error, file=sys.stderr)
            raise SystemExit(2) from None


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


class MeshSettings(AdmissionSettings, TelemetrySettings):
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
    drain_seconds: float = Field(
        default=5.0, ge=0, le=10, description="From NOT_SERVING until open streams are ended."
    )


def _uses_collector(exporter: str | None, endpoint: str | None) -> bool:
    return exporter != "none" and (exporter == "otlp" or bool(endpoint))


def _line(settings: type[BaseSettings], item: dict[str, Any]) -> str:
    name = ".".join(str(part) for part in item["loc"])
    field = settings.model_fields.get(name)
    is_secret = field is None or "SecretStr" in str(field.annotation)
    given = "" if item["type"] == "missing" or is_secret else f" (got {item['input']!r})"
    return f"{name.upper()}: {item['msg']}{given}"
