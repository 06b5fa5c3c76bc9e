"""`spreadmesh scan`, `strategies`, `figures`."""

from typing import TYPE_CHECKING, Annotated

import typer

from spreadmesh_client.cli.options import Json, Scan, StateDir, Timeout, Watch, WatchSeconds
from spreadmesh_client.cli.scan_options import takes_spec

if TYPE_CHECKING:
    from spreadmesh.scan.v1.spec_pb2 import ScanSpec


@takes_spec
def scan(
    symbol: Annotated[str, typer.Argument(metavar="SYMBOL", help="Ticker of the underlying, e.g. GOOG.")],
    *,
    spec: "ScanSpec",
    min_coverage: Annotated[
        float | None,
        typer.Option(min=0, max=1, metavar="0…1", help="Wait until this share of the contracts is quoted."),
    ] = None,
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
    from spreadmesh_client.cli.scan_once import scan_once
    from spreadmesh_client.cli.scan_watch import scan_watch

    spec.underlying = symbol.upper()
    found = find_addresses(None, scan, state_dir)
    if watch:
        watching = scan_watch(found.scan, spec, as_json=json)
        run(lasting(watching, seconds), found.trace_dir, ends_by_ctrl_c=True)
    else:
        run(scan_once(found.scan, spec, min_coverage, timeout, as_json=json), found.trace_dir)


def strategies(
    scan: Scan = None, timeout: Timeout = 10, json: Json = False, state_dir: StateDir = None
) -> None:
    """List what can be scanned for."""
    from spreadmesh_client.cli.addresses import find_addresses
    from spreadmesh_client.cli.catalogue import show_strategies
    from spreadmesh_client.cli.run import run

    found = find_addresses(None, scan, state_dir)
    run(show_strategies(found.scan, timeout, as_json=json), found.trace_dir)


def figures(scan: Scan = None, timeout: Timeout = 10, json: Json = False, state_dir: StateDir = None) -> None:
    """List what is computed, and can be filtered and ranked by."""
    from spreadmesh_client.cli.addresses import find_addresses
    from spreadmesh_client.cli.catalogue import show_figures
    from spreadmesh_client.cli.run import run

    found = find_addresses(None, scan, state_dir)
    run(show_figures(found.scan, timeout, as_json=json), found.trace_dir)
