"""Log lines: one event with named values each, for people on a console or as JSON for machines."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal, cast

import structlog
from opentelemetry import trace
from structlog.typing import Processor

# Local variables would show what redaction hides.
_TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)
_SECRET = re.compile(
    r"secret|password|passwd|token|authorization|credential|api_key|private_key", re.IGNORECASE
)


def configure_logging(
    level: str = "INFO", log_format: Literal["console", "json"] = "console", stream: Any = None
) -> None:
    """Send structlog and the standard library's loggers through one formatter to `stream` (standard error).

    Each line gets level, logger, UTC time and, inside a span, `trace_id` and `span_id` in hexadecimal. Values
    whose name looks like a secret are replaced.
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
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_renderers(log_format))
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)


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
        if _SECRET.search(key):
            event[key] = "[redacted]"
    return event


def _renderers(log_format: str) -> list[Processor]:
    clean = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if log_format == "json":
        return [clean, _TRACEBACKS, structlog.processors.JSONRenderer()]
    plain = structlog.dev.plain_traceback
    return [clean, structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)]
