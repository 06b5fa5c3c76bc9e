"""Finding a trace among the span files and drawing it."""

import sys
from pathlib import Path
from typing import NoReturn

import typer
from rich.console import Console

from mesh.telemetry.spans import Span, by_trace, read_spans
from spreadmesh_client.supervisor.state import latest_traces, running_mesh, state_folder
from spreadmesh_client.tracing.tree import begins_at_quotes, sends_order
from spreadmesh_client.view.waterfall import trace_list, waterfall

Traces = dict[str, list[Span]]


def traces_of(directory: Path | None, state_dir: Path | None) -> Traces:
    """The traces in a folder, or of the running or else the last mesh, in order of their beginning."""
    folder = directory or _trace_folder(state_folder(state_dir))
    if folder is None or not folder.is_dir():
        _fail(
            "no traces: no mesh has run here, and --dir was not given"
            if folder is None
            else f"no folder {folder}"
        )
    traces = by_trace(read_spans(folder))
    if not traces:
        _fail(f"no spans in {folder} yet")
    return traces


def show_list(traces: Traces, limit: int) -> None:
    """Print the newest traces."""
    Console().print(trace_list(traces, limit))


def show_trace(traces: Traces, trace_id: str | None, order: str | None, *, last: bool) -> None:
    """Print one trace."""
    console = Console()
    console.print(waterfall(_chosen(traces, trace_id, order, last=last), console.width))


def _chosen(traces: Traces, trace_id: str | None, order: str | None, *, last: bool) -> list[Span]:
    newest_first = list(reversed(traces.items()))
    if trace_id is not None:
        matching = [spans for name, spans in newest_first if name.startswith(trace_id.lower())]
        if len(matching) != 1:
            _fail(f"{len(matching) or 'no'} traces begin with {trace_id}: --list shows what there is")
        return matching[0]
    if order is not None:
        placed = next((spans for spans in traces.values() if sends_order(spans, order)), None)
        return placed or _fail(f"no trace has sent an order {order}: --list shows what there is")
    if last:
        return newest_first[0][1]
    whole = next((spans for _, spans in newest_first if begins_at_quotes(spans)), None)
    if whole is None:
        _fail("no trace goes from a quote batch to a ranking yet: let a scan run, or see --last and --list")
    return whole


def _trace_folder(folder: Path) -> Path | None:
    mesh = running_mesh(folder)
    return Path(mesh["trace_dir"]) if mesh is not None else latest_traces(folder)


def _fail(message: str) -> NoReturn:
    print(f"spreadmesh: {message}", file=sys.stderr)
    raise typer.Exit(1)
