"""Positions and the account."""

from collections.abc import Callable
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from spreadmesh.order.v1.account_pb2 import Account, Position, PositionSnapshot

from spreadmesh_client.orders.decimals import quantity_text
from spreadmesh_client.orders.legs import contract_name
from spreadmesh_client.view.text import MISSING, price

_VALUES: Final = (
    "net_liquidation",
    "cash",
    "available_funds",
    "excess_liquidity",
    "initial_margin",
    "maintenance_margin",
    "buying_power",
    "daily_pnl",
    "unrealized_pnl",
    "realized_pnl",
)


def positions_table(snapshot: PositionSnapshot) -> RenderableType:
    """One row for each."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("Account", "Contract", "Number"):
        table.add_column(title)
    for title in ("Quantity", "Entry", "Price", "Value", "Unrealized", "Realized"):
        table.add_column(title, justify="right")
    for position in snapshot.positions:
        table.add_row(*_row(position))
    told = Text() if snapshot.reconciled else Text("Not held against the gateway's list yet.", "yellow")
    return Group(table if snapshot.positions else Text("Nothing is held."), told)


def account_table(account: Account) -> RenderableType:
    """Name and value, one a line."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(justify="right")
    table.add_row("account", account.account)
    for name in _VALUES:
        table.add_row(name.replace("_", " ").replace("pnl", "P&L"), _value(account, name))
    return Group(table, Text("STALE: the gateway is away", "bold red")) if account.stale else table


def _row(position: Position) -> list[str]:
    shown: Callable[[str], str] = lambda name: _value(position, name)  # noqa: E731 - shorter than a function
    name = contract_name(position.symbol, position.expiration, position.strike, position.right)
    return [
        position.account, name, str(position.con_id), quantity_text(position.quantity),
        price(position.average_cost, 4), shown("market_price"), shown("market_value"),
        shown("unrealized_pnl"), shown("realized_pnl"),
    ]  # fmt: skip


def _value(message: Account | Position, name: str) -> str:
    return price(getattr(message, name)) if message.HasField(name) else MISSING  # type: ignore[arg-type]  # by name
