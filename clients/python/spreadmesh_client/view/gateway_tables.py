"""The gateway's state and its market data lines as tables."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from spreadmesh.market.v1.gateway_pb2 import (
    GatewayStatus,
    LinkState,
    ListMarketDataLinesResponse,
    SocketState,
)

from spreadmesh_client.view.quote_table import state_word
from spreadmesh_client.view.text import MISSING, duration, market_time, price


def status_table(status: GatewayStatus) -> RenderableType:
    """Name and value, one fact a line."""
    table = Table(box=None, show_header=False)
    table.add_column(style="bold")
    table.add_row("ready", Text("yes", style="green") if status.ready else Text("no", style="bold red"))
    protocol = f", protocol {status.server_version}" if status.HasField("server_version") else ""
    socket = _word(SocketState.Name(status.socket), "SOCKET_STATE_")
    table.add_row("gateway", f"{status.address}, client {status.client_id}, {socket}{protocol}")
    table.add_row("link to IB", _word(LinkState.Name(status.link), "LINK_STATE_"))
    farms = ", ".join(
        f"{farm.name} {_word(LinkState.Name(farm.state), 'LINK_STATE_')}" for farm in status.farms
    )
    table.add_row("data farms", farms or MISSING)
    speed = f", {price(status.market_speed, 1)} times real time" if status.market_speed not in {0, 1} else ""
    moment = market_time(status.market_time) if status.HasField("market_time") else MISSING
    table.add_row("market time", moment + speed)
    table.add_row("lines", f"{status.lines_in_use:,} of {status.lines_limit:,}")
    table.add_row(
        "messages",
        f"{status.messages_sent:,} sent, at most {status.most_messages_in_a_second} in a second, "
        f"{status.requests_queued:,} queued",
    )
    errors = ", ".join(f"{code} ({count:,}×)" for code, count in sorted(status.errors.items()))
    table.add_row("IB codes", errors or "none")
    if status.HasField("last_error"):
        table.add_row("last of them", f"{status.last_error.code}: {status.last_error.text}")
    return table


def lines_table(response: ListMarketDataLinesResponse) -> RenderableType:
    """One row for each contract wanted."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("Contract")
    table.add_column("con_id", justify="right")
    table.add_column("Line")
    table.add_column("Priority", justify="right")
    table.add_column("Last quote")
    table.add_column("Since", justify="right")
    table.add_column("Wanted by")
    for line in response.lines:
        since = line.since_change.seconds + line.since_change.nanos / 1e9
        table.add_row(
            line.name,
            str(line.con_id),
            state_word(line.state),
            str(line.priority),
            market_time(line.quote_time) if line.HasField("quote_time") else MISSING,
            duration(since),
            ", ".join(line.owners),
        )
    summary = (
        f"{response.in_use:,} of {response.limit:,} lines in use, {response.wanted:,} contracts wanted, "
        f"{response.evictions:,} evictions"
    )
    return Group(table, Text(summary, style="dim")) if response.lines else Text(summary, style="dim")


def _word(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).lower().replace("_", " ")
