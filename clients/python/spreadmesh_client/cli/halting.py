"""What `spreadmesh halt`, `resume` and `cancel-all` do."""

from rich.console import Console
from rich.text import Text
from spreadmesh.order.v1.control_service_pb2 import GetTradingStatusResponse, HaltResponse

from spreadmesh_client import connect
from spreadmesh_client.cli.run import print_json
from spreadmesh_client.view.trading_status import trading_line


async def halt_trading(
    address: str, reason: str, timeout_seconds: float, *, cancel_orders: bool, as_json: bool
) -> None:
    """Halt, and print the halt and what is being cancelled."""
    async with connect(market=address) as client:
        halt, cancelled = await client.control.halt(
            reason, cancel_orders=cancel_orders, timeout_seconds=timeout_seconds
        )
    if as_json:
        print_json(HaltResponse(halt=halt, cancelled_client_order_ids=cancelled))
        return
    console = Console(soft_wrap=True, highlight=False)
    console.print(Text(f"Halted: {halt.reason} (halt {halt.sequence})", "bold red"))
    for name in cancelled:
        console.print(f"cancelling {name}")


async def resume_trading(address: str, reason: str, timeout_seconds: float, *, as_json: bool) -> None:
    """End the halt that there is, and print the state of trading."""
    async with connect(market=address) as client:
        status = await client.control.status(timeout_seconds=timeout_seconds)
        if status.HasField("halt"):
            await client.control.resume(status.halt.sequence, reason, timeout_seconds=timeout_seconds)
            status = await client.control.status(timeout_seconds=timeout_seconds)
    _print(status, as_json=as_json)


async def cancel_everybodys(address: str, timeout_seconds: float) -> None:
    """Ask the gateway for its global cancel."""
    async with connect(market=address) as client:
        await client.control.cancel_all(timeout_seconds=timeout_seconds)
    Console().print("Asked for: `spreadmesh order list --open` shows what is left.")


def _print(status: GetTradingStatusResponse, *, as_json: bool) -> None:
    if as_json:
        print_json(status)
    else:
        Console(soft_wrap=True).print(Text("trading ", "bold") + trading_line(status))
