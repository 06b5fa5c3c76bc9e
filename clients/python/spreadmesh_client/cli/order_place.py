"""What `spreadmesh order preview` and `place` do."""

import typer
from rich.console import Console

from spreadmesh_client import connect
from spreadmesh_client.batch_trace import continuing
from spreadmesh_client.cli.addresses import Addresses
from spreadmesh_client.cli.order_options import OrderRequest
from spreadmesh_client.cli.order_terms import terms_of
from spreadmesh_client.cli.order_ticket import Sending, confirm, exit_by, report, send, ticket_of
from spreadmesh_client.cli.run import EXIT_REFUSED, print_json
from spreadmesh_client.view.order_screen import order_screen


async def preview_order(
    addresses: Addresses, request: OrderRequest, timeout_seconds: float, *, as_json: bool
) -> None:
    """Print what an order would cost and what speaks against it."""
    async with connect(market=addresses.market, scan=addresses.scan) as client:
        terms = await terms_of(client, request, timeout_seconds)
        with continuing(terms.trace_context, "order preview"):
            ticket = await ticket_of(client.orders, terms, request.pricing)
    if as_json:
        print_json(ticket.preview)
    else:
        Console().print(order_screen(ticket))
    if ticket.preview.violations:
        raise typer.Exit(EXIT_REFUSED)


async def place_order(
    addresses: Addresses, request: OrderRequest, sending: Sending, timeout_seconds: float
) -> None:
    """Show an order, ask, place it, and print what became of it."""
    async with connect(market=addresses.market, scan=addresses.scan) as client:
        terms = await terms_of(client, request, timeout_seconds)
        with continuing(terms.trace_context, "order place"):
            ticket = await ticket_of(client.orders, terms, request.pricing)
            confirm(ticket, sending)
            order = await send(client.orders, ticket, sending)
    report(order, as_json=sending.as_json)
    exit_by(order)
