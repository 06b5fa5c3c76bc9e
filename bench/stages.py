"""Where the time of a batch goes, out of the spans that its trace context joins across processes."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mesh.telemetry.spans import Span, by_trace, read_spans

PATH = ("quotes.send", "quotes.ingest", "scan.rank", "ranking received")


def stages(traces: Path) -> dict[str, tuple[float, float]]:
    """Milliseconds of each span on the way from the board to the client, and between them: p50 and p99."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for spans in by_trace(read_spans(traces)).values():
        for name, nanoseconds in _along({span.name: span for span in spans}):
            found[name].append(nanoseconds / 1e6)
    return {
        name: (float(np.percentile(values, 50)), float(np.percentile(values, 99)))
        for name, values in found.items()
    }


def _along(spans: dict[str, Span]) -> Iterator[tuple[str, int]]:
    before: Span | None = None
    for name in PATH:
        span = spans.get(name)
        if span is None:
            return
        if before is not None:
            yield f"{before.name} to {name}", span.start_ns - before.end_ns
        yield name, span.end_ns - span.start_ns
        before = span
