"""The gateway's state, once or live, and its market data lines."""

from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import Any, Final, TypeAlias

import grpc
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text
from spreadmesh.market.v1.gateway_pb2 import GatewayStatus, SocketState
from spreadmesh.order.v1.control_service_pb2 import GetTradingStatusResponse

from mesh.errors import MeshError
from spreadmesh_client import TradingControl, connect
from spreadmesh_client.cli.run import as_dict, print_dict, print_json
from spreadmesh_client.view.lines_table import lines_table
from spreadmesh_client.view.status_table import BAD, DOUBTFUL, status_table
from spreadmesh_client.view.trading_status import trading_line

FIRST_ANSWER_SECONDS: Final = 5.0
LIVE_INTERVAL_SECONDS: Final = 0.5
TRADING_SECONDS: Final = 2.0
AWAY: Final = MeshError(grpc.StatusCode.UNAVAILABLE, "ibkr_server is away")

Trading: TypeAlias = GetTradingStatusResponse | MeshError
"""Whether orders can be placed, or why that is not known."""


async def show_status(address: str, timeout_seconds: float, *, as_json: bool) -> None:
    """Print the state of the gateway and whether orders can be placed."""
    async with connect(market=address) as client:
        status = await client.market.get_gateway_status(timeout_seconds=timeout_seconds)
        trading = await _trading(client.control, timeout_seconds)
    if as_json:
        print_dict(_as_dict(status, trading))
    else:
        Console().print(status_table(status, _line(trading)))


async def _trading(control: TradingControl, timeout_seconds: float) -> Trading:
    try:
        return await control.status(timeout_seconds=timeout_seconds)
    except MeshError as error:
        return error


def _line(trading: Trading) -> Text:
    if isinstance(trading, MeshError):
        return Text(f"not known: {trading.message}", DOUBTFUL)
    return trading_line(trading)


def _as_dict(status: GatewayStatus, trading: Trading) -> dict[str, Any]:
    if isinstance(trading, MeshError):
        return as_dict(status) | {"trading": None, "trading_error": trading.message}
    return as_dict(status) | {"trading": as_dict(trading)}


async def watch_status(address: str, *, as_json: bool) -> None:
    """Show the state until cancelled: a live table, tables in turn without a terminal, or lines of JSON."""
    console = Console()
    is_live = console.is_terminal and not as_json
    async with connect(market=address) as client:
        # The stream waits long for a server that is away; one that was never there must show at once.
        known = await client.market.get_gateway_status(timeout_seconds=FIRST_ANSWER_SECONDS)
        interval = LIVE_INTERVAL_SECONDS if is_live else None
        statuses = client.market.watch_gateway_status(max_interval_seconds=interval)
        with screen(console, is_live=is_live) as show:
            async with aclosing(statuses):
                async for status in statuses:
                    is_known = _is_known(status)
                    known = status if is_known else known
                    trading = await _trading(client.control, TRADING_SECONDS) if is_known else AWAY
                    if as_json:
                        print_dict(_as_dict(status, trading), one_line=True)
                    else:
                        show(_picture(status, known, _line(trading)))


async def show_lines(address: str, timeout_seconds: float, *, as_json: bool) -> None:
    """Print the market data lines."""
    async with connect(market=address) as client:
        lines = await client.market.list_market_data_lines(timeout_seconds=timeout_seconds)
    if as_json:
        print_json(lines)
    else:
        Console().print(lines_table(lines))


@contextmanager
def screen(console: Console, *, is_live: bool) -> Iterator[Callable[[RenderableType], None]]:
    """One picture that changes, or one below the other."""
    if not is_live:
        yield lambda picture: console.print(picture, Text())
        return
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
        yield lambda picture: live.update(picture, refresh=True)


def _is_known(status: GatewayStatus) -> bool:
    return status.socket != SocketState.SOCKET_STATE_UNSPECIFIED


def _picture(status: GatewayStatus, known: GatewayStatus, trading: Text) -> RenderableType:
    """The state, or the last one known under a line that says why."""
    table = status_table(known, trading)
    if _is_known(status):
        return table
    return Group(Text("STALE: ibkr_server is away; this was its last word", style=BAD), table)
