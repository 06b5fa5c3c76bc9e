"""`spreadmesh scan`, `strategies`, `figures`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from spreadmesh_client.cli.options import Json, Scan, StateDir, Timeout, Watch, WatchSeconds
from spreadmesh_client.cli.scan_options import takes_spec

if TYPE_CHECKING:
    from spreadmesh.scan.v1.spec_pb2 import ScanSpec

_CLOSER: Final = "A closer look"


@takes_spec
def scan(
    symbol: Annotated[
        str | None,
        typer.Argument(metavar="SYMBOL", help="Ticker of the underlying, e.g. GOOG.", show_default=False),
    ] = None,
    *,
    spec: "ScanSpec",
    min_coverage: Annotated[
        float | None,
        typer.Option(min=0, max=1, metavar="0…1", help="Wait until this share of the contracts is quoted."),
    ] = None,
    explain: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1000,
            metavar="RANK",
            help="Show everything about the spread of this rank, and draw its profit.",
            rich_help_panel=_CLOSER,
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="With --explain: also save the drawing, as .png or .svg.",
            rich_help_panel=_CLOSER,
        ),
    ] = None,
    list_strategies: Annotated[
        bool,
        typer.Option("--list-strategies", help="As `spreadmesh strategies`.", rich_help_panel=_CLOSER),
    ] = False,
    list_figures: Annotated[
        bool, typer.Option("--list-figures", help="As `spreadmesh figures`.", rich_help_panel=_CLOSER)
    ] = False,
    timeout: Timeout = 120,
    watch: Watch = False,
    seconds: WatchSeconds = None,
    json: Json = False,
    scan: Scan = None,
    state_dir: StateDir = None,
) -> None:
    """Rank the option spreads of SYMBOL."""
    from spreadmesh_client.cli.addresses import find_addresses
    from spreadmesh_client.cli.run import lasting, run
    from spreadmesh_client.cli.scan_explain import check_plot, scan_explain
    from spreadmesh_client.cli.scan_once import scan_once
    from spreadmesh_client.cli.scan_watch import scan_watch

    if list_strategies or list_figures:
        _list(list_strategies, list_figures, scan, timeout, json, state_dir)
        return
    if symbol is None:
        raise typer.BadParameter(
            "missing; or ask for --list-strategies or --list-figures", param_hint="SYMBOL"
        )
    if explain is not None and watch:
        raise typer.BadParameter("--explain and --watch exclude each other")
    if plot is not None:
        check_plot(plot, explain)
    spec.underlying = symbol.upper()
    found = find_addresses(None, scan, state_dir)
    if watch:
        watching = scan_watch(found.scan, spec, as_json=json)
        run(lasting(watching, seconds), found.trace_dir, ends_by_ctrl_c=True)
    elif explain is not None:
        explaining = scan_explain(found.scan, spec, explain, plot, min_coverage, timeout, as_json=json)
        run(explaining, found.trace_dir)
    else:
        run(scan_once(found.scan, spec, min_coverage, timeout, as_json=json), found.trace_dir)


def strategies(
    scan: Scan = None, timeout: Timeout = 10, json: Json = False, state_dir: StateDir = None
) -> None:
    """List what can be scanned for."""
    from spreadmesh_client.cli.catalogue import show_strategies
    from spreadmesh_client.cli.run import ask_scanner

    ask_scanner(lambda address: show_strategies(address, timeout, as_json=json), scan, state_dir)


def figures(scan: Scan = None, timeout: Timeout = 10, json: Json = False, state_dir: StateDir = None) -> None:
    """List what is computed, and can be filtered and ranked by."""
    from spreadmesh_client.cli.catalogue import show_figures
    from spreadmesh_client.cli.run import ask_scanner

    ask_scanner(lambda address: show_figures(address, timeout, as_json=json), scan, state_dir)


def _list(
    list_strategies: bool,
    list_figures: bool,
    scan: str | None,
    timeout: float,
    json: bool,
    state_dir: Path | None,
) -> None:
    if list_strategies and list_figures:
        raise typer.BadParameter("--list-strategies and --list-figures exclude each other")
    show = strategies if list_strategies else figures
    show(scan, timeout, json, state_dir)
