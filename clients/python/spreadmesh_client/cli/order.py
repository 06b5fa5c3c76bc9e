"""`spreadmesh order`: preview, place, close, replace, cancel, show, list, watch."""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from spreadmesh_client.cli.options import Json, Market, Scan, StateDir, Timeout, WatchSeconds
from spreadmesh_client.cli.order_options import Pricing, takes_pricing, takes_request, to_price

if TYPE_CHECKING:
    from spreadmesh_client.cli.order_options import OrderRequest

Name: TypeAlias = Annotated[
    str, typer.Argument(metavar="ORDER", help="The order's name, as it was printed before it was placed.")
]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask before it is sent.")]
OwnName: TypeAlias = Annotated[
    str,
    typer.Option(
        "--client-order-id", metavar="NAME", help="Name of the order, never used before. Default: a new one."
    ),
]
Duplicate: TypeAlias = Annotated[
    bool,
    typer.Option("--allow-duplicate", help="Although an identical order was placed within the last seconds."),
]

app = typer.Typer(
    help="Orders: look at one before it is sent, place it once, follow it to its end.",
    epilog="Example: spreadmesh order place --from-scan 1 --symbol SPY --strategy bull_put --walk",
    no_args_is_help=True,
)


@app.command(epilog="Example: spreadmesh order preview --from-scan 1 --symbol SPY --strategy bull_put")
@takes_request
def preview(
    *,
    request: "OrderRequest",
    market: Market = None,
    scan: Scan = None,
    timeout: Timeout = 120,
    json: Json = False,
    state_dir: StateDir = None,
) -> None:
    """Show what an order would cost and what speaks against it; places nothing."""
    from spreadmesh_client.cli.addresses import find_addresses
    from spreadmesh_client.cli.order_place import preview_order
    from spreadmesh_client.cli.run import failed_order, run

    found = find_addresses(market, scan, state_dir)
    run(preview_order(found, request, timeout, as_json=json), found.trace_dir, status=failed_order)


@app.command(
    epilog="Example: spreadmesh order place --leg '+1 SPY 2026-12-18 600 P' --leg '-1 SPY 2026-12-18 610 P'"
)
@takes_request
def place(
    *,
    request: "OrderRequest",
    client_order_id: OwnName = "",
    allow_duplicate: Duplicate = False,
    yes: Yes = False,
    market: Market = None,
    scan: Scan = None,
    timeout: Timeout = 120,
    json: Json = False,
    state_dir: StateDir = None,
) -> None:
    """Show an order, ask, and place it; with --walk, until it is filled or cancelled."""
    from spreadmesh_client.cli.addresses import find_addresses
    from spreadmesh_client.cli.order_place import place_order
    from spreadmesh_client.cli.order_ticket import Sending
    from spreadmesh_client.cli.run import failed_order, run

    found = find_addresses(market, scan, state_dir)
    sending = Sending(yes, client_order_id, allow_duplicate, json)
    run(place_order(found, request, sending, timeout), found.trace_dir, status=failed_order)


@app.command(epilog="Example: spreadmesh order close SPY")
@takes_pricing
def close(
    what: Annotated[
        str,
        typer.Argument(
            metavar="ORDER|CON_ID|SYMBOL",
            help="What an order has opened, what is held of a contract, or of an underlying.",
        ),
    ],
    *,
    pricing: Pricing,
    quantity: Annotated[
        int | None, typer.Option("--quantity", "-q", min=1, help="Units to close. Default: all.")
    ] = None,
    client_order_id: OwnName = "",
    allow_duplicate: Duplicate = False,
    yes: Yes = False,
    market: Market = None,
    json: Json = False,
    state_dir: StateDir = None,
) -> None:
    """Show the order that ends a position, ask, place it, and print what it has realized."""
    from spreadmesh_client.cli.addresses import find_addresses
    from spreadmesh_client.cli.order_close import close_position
    from spreadmesh_client.cli.order_ticket import Sending
    from spreadmesh_client.cli.run import failed_order, run

    found = find_addresses(market, None, state_dir)
    sending = Sending(yes, client_order_id, allow_duplicate, json)
    run(close_position(found, what, quantity, pricing, sending), found.trace_dir, status=failed_order)


@app.command()
def replace(
    name: Name,
    *,
    limit_price: Annotated[
        Decimal | None, typer.Option(parser=to_price, metavar="NET", help="The new limit. Default: as it is.")
    ] = None,
    quantity: Annotated[
        int | None, typer.Option("--quantity", "-q", min=1, help="The new quantity, what is filled included.")
    ] = None,
    yes: Yes = False,
    market: Market = None,
    json: Json = False,
    state_dir: StateDir = None,
) -> None:
    """Change limit or quantity of a working order."""
    from spreadmesh_client.cli.order_calls import replace_order
    from spreadmesh_client.cli.order_ticket import Sending
    from spreadmesh_client.cli.run import ask_desk

    if limit_price is None and quantity is None:
        raise typer.BadParameter("give --limit-price or --quantity")
    sending = Sending(yes, name, allow_duplicate=False, as_json=json)
    ask_desk(lambda address: replace_order(address, name, limit_price, quantity, sending), market, state_dir)


@app.command()
def cancel(name: Name, market: Market = None, json: Json = False, state_dir: StateDir = None) -> None:
    """Cancel an order, and wait until that is certain."""
    from spreadmesh_client.cli.order_calls import cancel_order
    from spreadmesh_client.cli.run import ask_desk

    ask_desk(lambda address: cancel_order(address, name, as_json=json), market, state_dir)


@app.command()
def show(name: Name, market: Market = None, json: Json = False, state_dir: StateDir = None) -> None:
    """Show where an order stands."""
    from spreadmesh_client.cli.order_calls import show_order
    from spreadmesh_client.cli.run import ask_desk

    ask_desk(lambda address: show_order(address, name, as_json=json), market, state_dir)


@app.command("list")
def list_(
    *,
    open_only: Annotated[bool, typer.Option("--open", help="Only those that are not done.")] = False,
    most: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 20,
    market: Market = None,
    json: Json = False,
    state_dir: StateDir = None,
) -> None:
    """List orders, the latest first."""
    from spreadmesh_client.cli.order_calls import list_orders
    from spreadmesh_client.cli.run import ask_desk

    ask_desk(
        lambda address: list_orders(address, open_only=open_only, most=most, as_json=json), market, state_dir
    )


@app.command()
def watch(
    name: Annotated[
        str | None,
        typer.Argument(metavar="ORDER", help="Only this one, until it is done.", show_default=False),
    ] = None,
    *,
    seconds: WatchSeconds = None,
    market: Market = None,
    json: Json = False,
    state_dir: StateDir = None,
) -> None:
    """Print what happens to orders, a line each, until Ctrl-C."""
    from spreadmesh_client.cli.order_calls import watch_orders
    from spreadmesh_client.cli.run import ask_desk

    ask_desk(
        lambda address: watch_orders(address, name, as_json=json),
        market,
        state_dir,
        watch=True,
        seconds=seconds,
    )
