"""Positions and the account, once or live."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import TypeVar

import grpc
from google.protobuf.message import Message
from rich.console import Console, RenderableType
from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.order.v1.account_pb2 import Account, ListPositionsResponse

from mesh.errors import MeshError
from spreadmesh_client import connect
from spreadmesh_client.cli.gateway import screen
from spreadmesh_client.cli.run import print_json
from spreadmesh_client.view.account_view import account_table, positions_table

Told = TypeVar("Told", bound=Message)


async def show_positions(address: str, timeout_seconds: float, *, as_json: bool) -> None:
    """Print what is held."""
    async with connect(market=address) as client:
        held = await client.orders.positions(timeout_seconds=timeout_seconds)
    if as_json:
        print_json(ListPositionsResponse(positions=held.positions, reconciled=held.reconciled))
    else:
        Console().print(positions_table(held))


async def watch_positions(address: str, timeout_seconds: float, *, as_json: bool) -> None:
    """Show what is held until cancelled."""
    async with connect(market=address) as client:
        # The stream waits long for a server that is away; one that was never there must show at once.
        await client.orders.positions(timeout_seconds=timeout_seconds)
        async with aclosing(client.orders.watch_positions()) as snapshots:
            await _show_each(snapshots, positions_table, as_json=as_json)


async def show_account(address: str, name: str, timeout_seconds: float, *, as_json: bool) -> None:
    """Print an account as it is now."""
    async with connect(market=address) as client:
        account = await _first(client.orders.watch_account(name), timeout_seconds)
    if as_json:
        print_json(account)
    else:
        Console().print(account_table(account))


async def watch_account(address: str, name: str, timeout_seconds: float, *, as_json: bool) -> None:
    """Show an account until cancelled."""
    async with connect(market=address) as client:
        await client.control.status(timeout_seconds=timeout_seconds)
        async with aclosing(client.orders.watch_account(name)) as accounts:
            await _show_each(accounts, account_table, as_json=as_json)


async def _first(accounts: AsyncGenerator[Account | Heartbeat, None], timeout_seconds: float) -> Account:
    try:
        async with asyncio.timeout(timeout_seconds), aclosing(accounts):
            async for account in accounts:
                if isinstance(account, Account):
                    return account
    except TimeoutError:
        pass
    text = f"nothing was told of the account within {timeout_seconds:g} s"
    raise MeshError(grpc.StatusCode.DEADLINE_EXCEEDED, text)


async def _show_each(
    messages: AsyncIterator[Told | Heartbeat], draw: Callable[[Told], RenderableType], *, as_json: bool
) -> None:
    console = Console()
    with screen(console, is_live=console.is_terminal and not as_json) as show:
        async for message in messages:
            if isinstance(message, Heartbeat):
                continue
            if as_json:
                print_json(message, one_line=True)
            else:
                show(draw(message))
