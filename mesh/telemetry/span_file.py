"""The embedded exporter: spans as lines of JSON in a file of bounded size, where there is no collector.

One object per line, keys named as in OTLP's JSON mapping: `service`, `traceId`, `spanId`, `parentSpanId`
(empty at a root), `name`, `kind`, `startTimeUnixNano`, `endTimeUnixNano`, `status`, `attributes` (a plain
object), `events` and `links`.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, cast

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import SpanContext, format_span_id, format_trace_id

MAX_FILE_BYTES: Final = 64 * 1024 * 1024


class FileSpanExporter(SpanExporter):
    """Appends to `path`; before that passes `max_bytes` it replaces `<stem>.1<suffix>` and starts anew."""

    def __init__(self, path: Path, max_bytes: int = MAX_FILE_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8")

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Write a batch of ended spans; called from the span processor's own thread."""
        text = "".join(span_line(span) for span in spans)
        try:
            if self._file.tell() + len(text) > self._max_bytes:
                self._rotate()
            self._file.write(text)
            self._file.flush()
        except OSError:  # a full disk must not stop the service
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Close the file."""
        self._file.close()

    def _rotate(self) -> None:
        self._file.close()
        self._path.replace(self._path.with_name(f"{self._path.stem}.1{self._path.suffix}"))
        self._file = self._path.open("w", encoding="utf-8")


def span_line(span: ReadableSpan) -> str:
    """One span as one line."""
    context = cast("SpanContext", span.get_span_context())
    fields: dict[str, Any] = {
        "service": span.resource.attributes.get("service.name", ""),
        "traceId": format_trace_id(context.trace_id),
        "spanId": format_span_id(context.span_id),
        "parentSpanId": format_span_id(span.parent.span_id) if span.parent else "",
        "name": span.name,
        "kind": span.kind.name,
        "startTimeUnixNano": span.start_time,
        "endTimeUnixNano": span.end_time,
        "status": span.status.status_code.name,
        "attributes": dict(span.attributes or {}),
        "events": [{"name": event.name, "timeUnixNano": event.timestamp} for event in span.events],
        "links": [
            {
                "traceId": format_trace_id(link.context.trace_id),
                "spanId": format_span_id(link.context.span_id),
            }
            for link in span.links
        ],
    }
    return json.dumps(fields, separators=(",", ":"), default=str) + "\n"
