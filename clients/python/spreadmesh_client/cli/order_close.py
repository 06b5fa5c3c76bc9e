"""What `spreadmesh order close` does: ends what is held, and tells what that has earned."""

import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from math import gcd

import grpc
from google.protobuf.json_format import MessageToDict
from rich.console import Console
from spreadmesh.order.v1.account_pb2 import Position
from spreadmesh.order.v1.execution_pb2 import Execution
from spreadmesh.order.v1.order_pb2 import Order

from mesh.errors import MeshError, not_found, out_of_range
from spreadmesh_client import OrdersClient, connect
from spreadmesh_client.batch_trace import continuing
from spreadmesh_client.cli.addresses import Addresses
from spreadmesh_client.cli.leg_quotes import quoted
from spreadmesh_client.cli.order_options import Pricing
from spreadmesh_client.cli.order_terms import Terms, terms
from spreadmesh_client.cli.order_ticket import Sending, confirm, exit_by, send, ticket_of
from spreadmesh_client.orders.decimals import to_decimal
from spreadmesh_client.orders.legs import NamedLeg, held_leg
from spreadmesh_client.view.order_table import order_line
from spreadmesh_client.view.text import price

MOST_LEGS = 4


async def close_position(
    addresses: Addresses, what: str, quantity: int | None, pricing: Pricing, sending: Sending
) -> None:
    """Close what `what` names, and print what closing has realized."""
    pricing = replace(pricing, walk=pricing.walk is not False)
    async with connect(market=addresses.market) as client:
        found = await closing_terms(client.orders, what, quantity, pricing)
        found = replace(found, legs=await quoted(client.market, found.legs))
        with continuing(b"", "order close"):
            ticket = await ticket_of(client.orders, found, pricing)
            confirm(ticket, sending)
            order = await send(client.orders, ticket, sending)
        trades = await client.orders.executions(order.client_order_id)
    _report(order, trades, as_json=sending.as_json)
    exit_by(order)


async def closing_terms(orders: OrdersClient, what: str, quantity: int | None, pricing: Pricing) -> Terms:
    """The order that ends what an order has opened, what is held of a contract, or of an underlying.

    Raises:
        MeshError: NOT_FOUND: nothing is held, or no longer what the order has opened. OUT_OF_RANGE: more is
            held than one order can close, or less than `quantity`.
    """
    held = [each for each in (await orders.positions()).positions if pricing.account in {"", each.account}]
    closed = [each for each in held if what in {str(each.con_id), each.symbol}]
    if closed:
        legs = [held_leg(each, -_whole(each)) for each in closed]
    else:
        opened = await _opened(orders, what)
        closed = [each for each in held if opened.spec.account in {"", each.account}]
        legs = _covered(opened, closed)
    accounts = {each.account for each in closed}
    if len(accounts) > 1:
        raise out_of_range("--account", f"{what} is held in {', '.join(sorted(accounts))}: name one")
    if len(legs) > MOST_LEGS:
        raise out_of_range(what, f"{len(legs)} contracts are held: name one by its number, or an order")
    units = gcd(*(leg.ratio for leg in legs))
    if quantity is not None and quantity > units:
        raise out_of_range("--quantity", f"{units} are held, not {quantity}")
    reduced = [replace(leg, ratio=leg.ratio // units) for leg in legs]
    there = replace(pricing, account=accounts.pop())
    return replace(terms(f"close {what}", reduced, quantity or units, there), closes=True)


def realized(trades: Sequence[Execution]) -> Decimal | None:
    """What trades have realized, US dollars after commissions; None where nothing is told of it yet."""
    told = [to_decimal(trade.realized_pnl) for trade in trades if trade.HasField("realized_pnl")]
    return sum(told, Decimal(0)) if told else None


async def _opened(orders: OrdersClient, what: str) -> Order:
    try:
        return await orders.get(what)
    except MeshError as error:
        if error.code not in {grpc.StatusCode.NOT_FOUND, grpc.StatusCode.INVALID_ARGUMENT}:
            raise
    raise not_found("position", what, "nothing is held of it, and it is no order of yours")


def _covered(order: Order, positions: Sequence[Position]) -> list[NamedLeg]:
    """What undoes an order, if all of it is still held."""
    held = {each.con_id: each for each in positions}
    filled = int(to_decimal(order.filled_quantity))
    legs = []
    for leg in order.spec.legs:
        opened = leg.ratio * filled
        position = held.get(leg.con_id)
        left = 0 if position is None else _whole(position)
        if position is None or not opened or left * opened < 0 or abs(left) < abs(opened):
            text = f"it has filled {opened:+d} of {leg.con_id}, and {left:+d} are held"
            raise not_found("position", order.client_order_id, text)
        legs.append(held_leg(position, -opened))
    return legs


def _whole(position: Position) -> int:
    return int(to_decimal(position.quantity))


def _report(order: Order, trades: Sequence[Execution], *, as_json: bool) -> None:
    earned = realized(trades)
    if as_json:
        told = MessageToDict(order, preserving_proto_field_name=True)
        print(json.dumps({"order": told, "realized_pnl": None if earned is None else str(earned)}, indent=2))
        return
    console = Console(soft_wrap=True, highlight=False)
    console.print(order_line(order))
    if order.HasField("average_price"):
        text = "not told yet" if earned is None else f"{price(float(earned))} USD after commissions"
        console.print(f"Realized: {text}")
