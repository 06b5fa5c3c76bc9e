"""A trace as a waterfall, and a list of traces."""

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from mesh.telemetry.spans import Span
from spreadmesh_client.tracing.tree import walk
from spreadmesh_client.view.text import duration, iso_time

EIGHTHS = " ▏▎▍▌▋▊▉█"


def waterfall(spans: Sequence[Span], width: int) -> RenderableType:
    """One row for each span: tree, service, offset, duration and a bar.

    Args:
        spans: Of one trace, at least one.
        width: Of the terminal, characters.
    """
    begin = min(span.start_ns for span in spans)
    whole_ns = max(1, max(span.end_ns for span in spans) - begin)
    nodes = list(walk(spans))
    taken = (
        max(2 * node.depth + len(node.span.name) for node in nodes) + max(len(s.service) for s in spans) + 26
    )
    bar_width = max(10, min(60, width - taken))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("Span", "Service"):
        table.add_column(title, no_wrap=True)
    for title in ("Offset", "Duration"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("", width=bar_width, no_wrap=True)
    for node in nodes:
        span = node.span
        offset, lasted = span.start_ns - begin, span.end_ns - span.start_ns
        table.add_row(
            Text("  " * node.depth + span.name, style="bold red" if span.status == "ERROR" else ""),
            span.service,
            duration_fine(offset),
            duration_fine(lasted),
            Text(bar(offset / whole_ns, (offset + lasted) / whole_ns, bar_width), style="cyan"),
        )
    services = len({span.service for span in spans})
    title = (
        f"trace {spans[0].trace_id}, {iso_time(begin)}: {len(spans)} spans, {services} services, "
        f"{duration_fine(whole_ns)}"
    )
    return Group(Text(title, style="bold"), table)


def trace_list(traces: Mapping[str, Sequence[Span]], most: int) -> RenderableType:
    """The newest traces, newest first."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("Trace", "Began", "Root"):
        table.add_column(title, no_wrap=True)
    for title in ("Spans", "Duration"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("Services")
    for trace_id, spans in list(traces.items())[: -most - 1 : -1]:
        lasted = max(span.end_ns for span in spans) - spans[0].start_ns
        services = ", ".join(dict.fromkeys(span.service for span in spans))
        table.add_row(
            trace_id,
            iso_time(spans[0].start_ns),
            spans[0].name,
            str(len(spans)),
            duration_fine(lasted),
            services,
        )
    return table


def bar(begin: float, end: float, width: int) -> str:
    """A bar from `begin` to `end`, shares of the whole, in eighths of a character; never invisible."""
    first = min(int(begin * width), width - 1)
    eighths = max(1, round((end * width - first) * 8)) if end * width > first else 1
    full, rest = divmod(min(eighths, 8 * (width - first)), 8)
    return " " * first + "█" * full + (EIGHTHS[rest] if rest else "")


def duration_fine(nanoseconds: int) -> str:
    """A short time: µs, ms, or longer units."""
    if nanoseconds < 1_000_000:
        return f"{nanoseconds / 1e3:.0f} µs"
    if nanoseconds < 1_000_000_000:
        return f"{nanoseconds / 1e6:.1f} ms"
    return duration(nanoseconds / 1e9)
