"""From terms to an order that is sent: prices, one screen, a yes, and what became of it."""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import typer
from rich.console import Console
from spreadmesh.order.v1.order_pb2 import Order

from spreadmesh_client import OrdersClient
from spreadmesh_client.cli.order_options import Pricing
from spreadmesh_client.cli.order_terms import Terms
from spreadmesh_client.cli.run import EXIT_OPEN, EXIT_REFUSED, EXIT_UNFILLED, print_json
from spreadmesh_client.orders import Outcome, WalkPolicy, execute, new_client_order_id, plan_limits
from spreadmesh_client.orders.build import with_limit
from spreadmesh_client.orders.decimals import to_decimal
from spreadmesh_client.orders.net_prices import net_prices
from spreadmesh_client.orders.refusals import accepted_preview, fresh_preview
from spreadmesh_client.orders.states import is_done, is_filled, is_uncertain
from spreadmesh_client.view.order_screen import Ticket, order_screen
from spreadmesh_client.view.order_table import order_line
from spreadmesh_client.view.text import net_price

FRESH_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Sending:
    """How an order is sent."""

    yes: bool
    client_order_id: str
    """Empty for a new one."""
    allow_duplicate: bool
    as_json: bool


async def ticket_of(orders: OrdersClient, terms: Terms, pricing: Pricing) -> Ticket:
    """Find the limit, or the limits, and preview the first one.

    Raises:
        MeshError: No prices, or what the server refuses.
    """
    if pricing.walk:
        limits = await _planned(orders, terms, policy_of(pricing))
    elif pricing.limit is not None:
        limits = (pricing.limit,)
    else:
        limits = (to_decimal((await net_prices(orders, terms.spec)).suggested_limit),)
    spec = with_limit(terms.spec, limits[0])
    walk = limits if pricing.walk else ()
    preview = await fresh_preview(orders, spec)
    return Ticket(terms.title, spec, terms.legs, preview, walk, pricing.seconds_per_step, closes=terms.closes)


async def _planned(orders: OrdersClient, terms: Terms, policy: WalkPolicy) -> tuple[Decimal, ...]:
    try:
        return await plan_limits(orders, terms.spec, policy)
    except ValueError as error:
        raise typer.BadParameter(f"--walk-step: {error}") from None


def policy_of(pricing: Pricing) -> WalkPolicy:
    """How the limit moves.

    Raises:
        typer.BadParameter: Options without sense.
    """
    bounds = [bound for bound in (pricing.worst, pricing.limit) if bound is not None]
    try:
        return WalkPolicy(pricing.step, pricing.seconds_per_step, pricing.share, min(bounds, default=None))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def confirm(ticket: Ticket, sending: Sending) -> None:
    """Show it and ask.

    Raises:
        typer.Exit: The server would refuse it, or nobody says yes.
        typer.BadParameter: There is nobody to ask.
    """
    console = Console(stderr=sending.as_json)
    console.print(order_screen(ticket))
    if ticket.preview.violations:
        raise typer.Exit(EXIT_REFUSED)
    if sending.yes:
        return
    if not sys.stdin.isatty():
        raise typer.BadParameter("there is no terminal to confirm on: --yes places it without asking")
    typer.confirm("Place it?", abort=True, err=sending.as_json)


async def send(orders: OrdersClient, ticket: Ticket, sending: Sending) -> Order:
    """Place it, or walk it to its fill; what became of it."""
    name = sending.client_order_id or new_client_order_id()
    console = Console(stderr=True, soft_wrap=True)
    console.print(f"Order {name}: `spreadmesh order show {name}` asks for it again.", highlight=False)
    if ticket.walk:
        return (await _walked(orders, ticket, name, sending, console)).order
    return await orders.place(
        ticket.spec,
        client_order_id=name,
        preview_token=await _token(orders, ticket),
        allow_duplicate=sending.allow_duplicate,
    )


def report(order: Order, *, as_json: bool) -> None:
    """Print where it stands."""
    if as_json:
        print_json(order)
    else:
        Console(soft_wrap=True).print(order_line(order))


def exit_by(order: Order) -> None:
    """End with the status that docs/client.md gives the state of an order.

    Raises:
        typer.Exit: It is not known, or done without being filled.
    """
    if is_uncertain(order):
        raise typer.Exit(EXIT_OPEN)
    if is_done(order) and not is_filled(order):
        raise typer.Exit(EXIT_UNFILLED)


async def _walked(
    orders: OrdersClient, ticket: Ticket, name: str, sending: Sending, console: Console
) -> Outcome:
    try:
        async with orders.lease(keep_orders=True) as lease:
            outcome = await execute(
                orders,
                ticket.spec,
                policy=WalkPolicy(seconds_per_step=ticket.seconds_per_step),
                limits=ticket.walk,
                client_order_id=name,
                lease_id=lease.lease_id,
                allow_duplicate=sending.allow_duplicate,
                show=_teller(console),
            )
    except asyncio.CancelledError:
        console.print("Interrupted: what is not filled is being cancelled.")
        raise
    if outcome.reason:
        console.print(f"Not filled: {outcome.reason}", highlight=False)
    return outcome


def _teller(console: Console) -> Callable[[Order], None]:
    def tell(order: Order) -> None:
        if not is_done(order):
            limit = net_price(float(order.spec.limit_price.value))
            console.print(f"limit {limit}, filled {order.filled_quantity.value or 0}", highlight=False)

    return tell


async def _token(orders: OrdersClient, ticket: Ticket) -> str:
    """The token of the preview that was shown, or of another where reading it took its time."""
    left = ticket.preview.expires_time.ToDatetime(UTC) - datetime.now(UTC)
    if left.total_seconds() > FRESH_SECONDS:
        return ticket.preview.token
    return (await accepted_preview(orders, ticket.spec)).token
