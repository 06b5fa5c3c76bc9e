"""Log lines: one event with named values each, for people on a console or as JSON for machines."""

import logging
import re
import sys
import threading
from collections.abc import MutableMapping
from importlib.metadata import version
from types import TracebackType
from typing import Any, Literal, cast

import structlog
from opentelemetry import trace
from structlog.typing import Processor

# Local variables would show what redaction hides.
_TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)
_SECRET_NAME = re.compile(
    r"secret|password|passwd|token|authorization|credential|api_key|private_key", re.IGNORECASE
)
# Keys of ours, what follows Bearer, and JSON web tokens, wherever they stand.
_SECRET_TEXT = re.compile(r"smk_[\w-]+|(?<=Bearer )[^\s\"\\']+|eyJ[\w-]+\.[\w-]+\.[\w-]*")
_REDACTED = "[redacted]"


def configure_logging(
    level: str = "INFO",
    log_format: Literal["console", "json"] = "console",
    stream: Any = None,
    *,
    service: str = "",
) -> None:
    """Send structlog, the standard library's loggers, warnings and what nobody has caught to `stream`.

    All pass through one formatter. Each line gets level, logger, UTC time and, inside a span, `trace_id` and
    `span_id` in hexadecimal; as JSON also service and version, where a service is named. Values whose name
    looks like a secret are replaced, and what looks like one in any text (docs/logging.md).
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_trace_ids,
        redact_secrets,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=_renderers(log_format, service)
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda found: _log_uncaught(found.exc_type, found.exc_value, found.exc_traceback)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger; use as `log.info("event", key=value)`."""
    return cast("structlog.stdlib.BoundLogger", structlog.get_logger(name))


def add_trace_ids(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Name the current span, so that a line and its trace find each other."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = trace.format_trace_id(context.trace_id)
        event["span_id"] = trace.format_span_id(context.span_id)
    return event


def redact_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace values by the name they are logged under."""
    for key in event:
        if _SECRET_NAME.search(key):
            event[key] = _REDACTED
    return event


def _renderers(log_format: str, service: str) -> list[Processor]:
    clean = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if log_format == "json":
        named = [_naming(service)] if service else []
        return [clean, *named, _TRACEBACKS, structlog.processors.JSONRenderer(), _without_secrets]
    plain = structlog.dev.plain_traceback
    console = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)
    return [clean, console, _without_secrets]


def _naming(service: str) -> Processor:
    names = {"service": service, "version": version("spreadmesh")}
    return lambda _logger, _method, event: {**event, **names}


def _without_secrets(_logger: Any, _method: str, line: Any) -> str:
    return _SECRET_TEXT.sub(_REDACTED, line)


def _log_uncaught(
    kind: type[BaseException], error: BaseException | None, trace_back: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error or kind(), trace_back)
    else:
        get_logger(__name__).critical("uncaught exception", exc_info=(kind, error, trace_back))
