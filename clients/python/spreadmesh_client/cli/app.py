"""Commands of `spreadmesh`, gathered. Modules that the commands need are imported when a command runs."""

from typing import Annotated

import typer

from spreadmesh_client.cli import (
    keys,
    market,
    mesh,
    order,
    orders_audit,
    presets,
    scan,
    trace,
    trading,
    universe,
)

app = typer.Typer(
    help="Option spreads of an Interactive Brokers account, ranked as the market moves.",
    epilog="Start with `spreadmesh demo`, or `spreadmesh up` and, elsewhere, `spreadmesh scan SPY --watch`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
app.command(epilog="Example: spreadmesh demo --seconds 30")(mesh.demo)
app.command(
    epilog="Example: spreadmesh up --replay DATA --symbol GOOG --date 2015-12-24 --start 10:30 --speed 10"
)(mesh.up)
app.command(
    epilog="Example: spreadmesh scan GOOG --strategy vertical --max-dte 45 --where 'delta<=0.1' --watch"
)(scan.scan)
app.add_typer(universe.app, name="universe")
app.add_typer(presets.app, name="presets")
app.add_typer(orders_audit.app, name="orders")
app.command()(scan.strategies)
app.command()(scan.figures)
app.command(epilog="Example: spreadmesh quotes GOOG --watch")(market.quotes)
app.command(epilog="Example: spreadmesh chain GOOG --to 2016-01-31")(market.chain)
app.command(epilog="Example: spreadmesh status --watch")(market.status)
app.command()(market.lines)
app.add_typer(order.app, name="order")
app.command(epilog="Example: spreadmesh positions --watch")(trading.positions)
app.command(epilog="Example: spreadmesh account --watch")(trading.account)
app.command(epilog="Example: spreadmesh halt 'quotes look wrong' --cancel-orders")(trading.halt)
app.command()(trading.resume)
app.command("cancel-all")(trading.cancel_all)
app.add_typer(keys.app, name="keys")
app.command(epilog="Example: spreadmesh trace --list")(trace.trace)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"spreadmesh {version('spreadmesh')}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass
