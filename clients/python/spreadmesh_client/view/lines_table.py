"""Market data lines as a table."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from spreadmesh.market.v1.gateway_pb2 import ListMarketDataLinesResponse

from spreadmesh_client.view.quote_table import state_word
from spreadmesh_client.view.text import MISSING, duration, market_time


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
