"""The gateway's state and its market data lines."""

from rich.console import Console

from spreadmesh_client import connect
from spreadmesh_client.cli.run import print_json
from spreadmesh_client.view.gateway_tables import lines_table, status_table


async def show_status(address: str, timeout_seconds: float, *, as_json: bool) -> None:
    """Print the state of the gateway."""
    async with connect(market=address) as client:
        status = await client.market.get_gateway_status(timeout_seconds=timeout_seconds)
    if as_json:
        print_json(status)
    else:
        Console().print(status_table(status))


async def show_lines(address: str, timeout_seconds: float, *, as_json: bool) -> None:
    """Print the market data lines."""
    async with connect(market=address) as client:
        lines = await client.market.list_market_data_lines(timeout_seconds=timeout_seconds)
    if as_json:
        print_json(lines)
    else:
        Console().print(lines_table(lines))
