"""A simulated gateway and ibkr_server, as processes, that take orders."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from spreadmesh_client import connect
from spreadmesh_client.supervisor.plan import Child, Synthetic, make_plan
from spreadmesh_client.supervisor.ports import choose_ports
from spreadmesh_client.supervisor.process import ChildProcess

SYMBOL: Final = "SPY"
ACK_SECONDS: Final = 0.005
"""The simulator's own delay: from an order's arrival to its acknowledgement."""
READY_SECONDS: Final = 60.0
LINES: Final = 4_000
PACE: Final = 1_800
"""Messages a second to the gateway: turns are not what is measured; the usual 40 a second are 25 ms apart."""
_MARKET: Final = [
    *("--start", "2026-11-18T11:00:00"),
    *("--liveliness", "0.1"),
    *("--tick-interval", "0.002"),  # also how often its exchange looks at orders
    *("--message-rate", "2000"),
]
_SERVER: Final = {
    "MESSAGES_PER_SECOND": str(PACE),
    "RISK_LIMITS": "*: orders_per_10s=1000, max_loss=unlimited",
    "LOG_LEVEL": "WARNING",
}


@dataclass(frozen=True)
class OrderMesh:
    """The server's address, and the numbers of the processes."""

    address: str
    simulator: int
    server: int


@asynccontextmanager
async def order_mesh(
    folder: Path, ticks_per_second: float, settings: dict[str, str] | None = None
) -> AsyncIterator[OrderMesh]:
    """Start both, and yield once orders can be placed.

    Args:
        folder: For logs, journal and spans; new.
        ticks_per_second: Of all contracts subscribed, together.
        settings: More of the server's.
    """
    (folder / "logs").mkdir(parents=True)
    source = Synthetic(SYMBOL, 7, ticks_per_second)
    plan = make_plan(
        source, choose_ports(0), lines=LINES, client_id=1, trace_dir=folder / "traces", trading=True
    )
    simulator, server, _ = plan.children
    exchange = ["--orders", f"ack-delay={ACK_SECONDS:g}"]
    children = (
        Child(simulator.module, [*simulator.arguments, *_MARKET, *exchange]),
        replace(server, environment=server.environment | _SERVER | (settings or {})),
    )
    running = [await ChildProcess.start(child, folder / "logs") for child in children]
    try:
        await _until_ready(plan.market)
        yield OrderMesh(plan.market, *(child.pid for child in running))
    finally:
        await asyncio.gather(*(child.end(10.0) for child in running))


async def _until_ready(address: str) -> None:
    async with asyncio.timeout(READY_SECONDS), connect(market=address) as client:
        while True:
            if (await client.control.status(timeout_seconds=READY_SECONDS)).can_place:
                return
            await asyncio.sleep(0.1)
