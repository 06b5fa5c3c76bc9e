"""What `spreadmesh order list`, `show`, `watch`, `cancel` and `replace` do."""

import asyncio
from contextlib import AsyncExitStack
from decimal import Decimal
from typing import Final

import typer
from rich.console import Console
from rich.text import Text
from spreadmesh.order.v1.order_pb2 import Order
from spreadmesh.order.v1.order_service_pb2 import ListOrdersResponse
from spreadmesh.order.v1.watch_pb2 import ControlChange, OrderEvent, OrderSnapshot

from spreadmesh_client import OrdersClient, connect
from spreadmesh_client.cli.leg_quotes import quoted
from spreadmesh_client.cli.order_ticket import Sending, confirm, exit_by, report
from spreadmesh_client.cli.run import EXIT_OPEN, print_json
from spreadmesh_client.orders import Gap
from spreadmesh_client.orders.follower import OrderFollower
from spreadmesh_client.orders.legs import NamedLeg
from spreadmesh_client.orders.refusals import fresh_preview
from spreadmesh_client.orders.states import is_done
from spreadmesh_client.view.order_screen import Ticket
from spreadmesh_client.view.order_table import order_line, order_table

SETTLE_SECONDS: Final = 10.0
FIRST_ANSWER_SECONDS: Final = 5.0


async def list_orders(address: str, *, open_only: bool, most: int, as_json: bool) -> None:
    """Print the latest orders."""
    async with connect(market=address) as client:
        orders = await client.orders.list(open_only=open_only, most=most)
    if as_json:
        print_json(ListOrdersResponse(orders=orders))
    else:
        Console().print(order_table(orders) if orders else "No orders.")


async def show_order(address: str, name: str, *, as_json: bool) -> None:
    """Print one order; the status says whether it is known and filled."""
    async with connect(market=address) as client:
        order = await client.orders.get(name)
    report(order, as_json=as_json)
    exit_by(order)


async def cancel_order(address: str, name: str, *, as_json: bool) -> None:
    """Ask for a cancellation, wait for it, and print what became of the order."""
    async with connect(market=address) as client:
        async with OrderFollower(client.orders, name, asyncio.sleep) as follower:
            order = await client.orders.cancel(name)
            follower.take(order)
            await follower.until(is_done, SETTLE_SECONDS)
        order = follower.order or order
    report(order, as_json=as_json)
    if not is_done(order):
        raise typer.Exit(EXIT_OPEN)


async def replace_order(
    address: str, name: str, limit: Decimal | None, quantity: int | None, sending: Sending
) -> None:
    """Show the order as it will be, ask, and change it."""
    async with connect(market=address) as client:
        order = await client.orders.get(name)
        changed = order.spec
        if limit is not None:
            changed.limit_price.value = f"{limit:f}"
        changed.quantity = quantity or changed.quantity
        numbers = [NamedLeg(leg.con_id, leg.ratio, str(leg.con_id)) for leg in changed.legs]
        legs = await quoted(client.market, numbers)
        preview = await fresh_preview(client.orders, changed, replaces=name)
        confirm(Ticket(f"replace {name}", changed, legs, preview), sending)
        order = await client.orders.replace(
            name, order.revision + 1, limit_price=limit, quantity=quantity, preview_token=preview.token
        )
    report(order, as_json=sending.as_json)
    exit_by(order)


async def watch_orders(address: str, name: str | None, *, as_json: bool) -> None:
    """Print what happens, a line each, until cancelled, or until the one order is done."""
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(connect(market=address))
        # The stream waits long for a server that is away; one that was never there must show at once.
        await client.control.status(timeout_seconds=FIRST_ANSWER_SECONDS)
        last = await _watched(client.orders, name, as_json=as_json)
    exit_by(last)


async def _watched(orders: OrdersClient, name: str | None, *, as_json: bool) -> Order:
    console = Console(soft_wrap=True, highlight=False)
    async with orders.watch() as events:
        async for event in events:
            if isinstance(event, Gap):
                console.print(Text(f"Events behind {event.sequence} are missing: {event.reason}", "bold red"))
            told = list(event.orders) if isinstance(event, OrderSnapshot) else _orders_of(event)
            for order in told:
                if name in {None, order.client_order_id}:
                    _print(console, order, as_json=as_json)
                    if name is not None and is_done(order):
                        return order
            if isinstance(event, OrderEvent) and event.HasField("control") and not as_json:
                console.print(_control(event.control))
    raise AssertionError("a stream of orders either goes on or raises")


def _orders_of(event: object) -> list[Order]:
    return [event.order] if isinstance(event, OrderEvent) and event.HasField("order") else []


def _print(console: Console, order: Order, *, as_json: bool) -> None:
    if as_json:
        print_json(order, one_line=True)
    else:
        console.print(order_line(order))


def _control(change: ControlChange) -> Text:
    word = "Halted" if change.halted else "Resumed"
    return Text(f"{word} by {change.by}: {change.reason}", "bold red" if change.halted else "green")
