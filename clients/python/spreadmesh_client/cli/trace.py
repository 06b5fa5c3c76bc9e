"""`spreadmesh trace`."""

from pathlib import Path
from typing import Annotated

import typer

from spreadmesh_client.cli.options import StateDir


def trace(
    trace_id: Annotated[
        str | None, typer.Argument(metavar="TRACE_ID", help="Trace id or its beginning.", show_default=False)
    ] = None,
    *,
    order: Annotated[
        str | None, typer.Option(metavar="ORDER", help="The trace in which this order was placed.")
    ] = None,
    last: Annotated[bool, typer.Option("--last", help="The newest trace, whatever it shows.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="List recent traces.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Traces in the list.")] = 20,
    directory: Annotated[
        Path | None,
        typer.Option(
            "--dir", envvar="SPREADMESH_TRACE_DIR", help="Folder of span files. Default: of the last mesh."
        ),
    ] = None,
    state_dir: StateDir = None,
) -> None:
    """Draw a trace: by default the newest one that goes from a quote batch to a client's ranking."""
    from spreadmesh_client.cli.trace_view import show_list, show_trace, traces_of

    traces = traces_of(directory, state_dir)
    if list_:
        show_list(traces, limit)
    else:
        show_trace(traces, trace_id, order, last=last)
