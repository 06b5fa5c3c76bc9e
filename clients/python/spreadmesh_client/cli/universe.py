"""`spreadmesh universe scan` and `list`."""

from typing import TYPE_CHECKING, Annotated

import typer

from spreadmesh_client.cli.options import Json, Scan, StateDir, Timeout
from spreadmesh_client.cli.scan_options import takes_spec

if TYPE_CHECKING:
    from spreadmesh.scan.v1.spec_pb2 import ScanSpec

app = typer.Typer(no_args_is_help=True, help="Scan many underlyings as one job.")


@app.command("scan", epilog="Example: spreadmesh universe scan --symbols SPY,QQQ,IWM --strategy iron_condor")
@takes_spec
def scan_universe(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="A name from `spreadmesh universe list`.")
    ] = None,
    *,
    spec: "ScanSpec",
    symbols: Annotated[
        str | None, typer.Option(metavar="A,B,…", help="Tickers, separated by commas, in place of a name.")
    ] = None,
    max_parallel: Annotated[
        int | None, typer.Option(min=1, max=16, help="Underlyings at once. Default: 4.")
    ] = None,
    min_coverage: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            metavar="0…1",
            help="Share of an underlying's contracts to be quoted before it is ranked. Default: 0.9.",
        ),
    ] = None,
    underlying_timeout: Annotated[
        float | None,
        typer.Option(min=0.1, metavar="SECONDS", help="Longest for one underlying. Default: 120."),
    ] = None,
    deadline: Annotated[
        float | None,
        typer.Option(min=0.1, metavar="SECONDS", help="End after this long, with what there is."),
    ] = None,
    json: Json = False,
    scan: Scan = None,
    state_dir: StateDir = None,
) -> None:
    """Rank the option spreads of many underlyings, and show the best so far. Ctrl-C ends it with those."""
    from spreadmesh_client.cli.addresses import find_addresses
    from spreadmesh_client.cli.run import run
    from spreadmesh_client.cli.universe_scan import UniverseRequest, run_universe_scan

    tickers = [symbol.strip().upper() for symbol in (symbols or "").split(",") if symbol.strip()]
    if bool(name) == bool(tickers):
        raise typer.BadParameter("give either a NAME or --symbols")
    found = find_addresses(None, scan, state_dir)
    request = UniverseRequest(
        spec, name or "", tickers, max_parallel, min_coverage, underlying_timeout, deadline
    )
    run(run_universe_scan(found.scan, request, as_json=json), found.trace_dir)


@app.command("list")
def list_universes(
    scan: Scan = None, timeout: Timeout = 10, json: Json = False, state_dir: StateDir = None
) -> None:
    """List the universes that the scanner knows by name."""
    from spreadmesh_client.cli.addresses import find_addresses
    from spreadmesh_client.cli.catalogue import show_universes
    from spreadmesh_client.cli.run import run

    found = find_addresses(None, scan, state_dir)
    run(show_universes(found.scan, timeout, as_json=json), found.trace_dir)
