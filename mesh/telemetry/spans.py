"""Reading span files back, to show a trace without a collector."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Span:
    """A finished span; ids are lower-case hexadecimal, `parent_span_id` is empty at a root."""

    service: str
    trace_id: str
    span_id: str
    parent_span_id: str
    name: str
    kind: str
    start_ns: int
    end_ns: int
    status: str
    attributes: dict[str, Any]
    links: tuple[tuple[str, str], ...]

    @property
    def duration_seconds(self) -> float:
        """From start to end."""
        return (self.end_ns - self.start_ns) / 1e9


def read_spans(directory: Path) -> list[Span]:
    """All spans in the `*.jsonl` files of a directory, by start time; lines cut off are left out."""
    spans = (span for path in sorted(directory.glob("*.jsonl")) for span in _in_file(path))
    return sorted(spans, key=lambda span: span.start_ns)


def by_trace(spans: list[Span]) -> dict[str, list[Span]]:
    """Spans grouped by trace id, traces in the order of their first span."""
    traces: dict[str, list[Span]] = {}
    for span in spans:
        traces.setdefault(span.trace_id, []).append(span)
    return traces


def _in_file(path: Path) -> Iterator[Span]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            span = _parse(line)
            if span is not None:
                yield span


def _parse(line: str) -> Span | None:
    try:
        fields = json.loads(line)
        return Span(
            service=fields["service"],
            trace_id=fields["traceId"],
            span_id=fields["spanId"],
            parent_span_id=fields["parentSpanId"],
            name=fields["name"],
            kind=fields["kind"],
            start_ns=int(fields["startTimeUnixNano"]),
            end_ns=int(fields["endTimeUnixNano"]),
            status=fields["status"],
            attributes=fields["attributes"],
            links=tuple((link["traceId"], link["spanId"]) for link in fields["links"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
