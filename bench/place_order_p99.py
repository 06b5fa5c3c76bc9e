"""What one in a hundred PlaceOrder calls exceeds while quotes stream to many clients, and without them.

`BENCH_SECONDS` (20) is how long orders are placed under each load.
"""

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from rich import print as show
from spreadmesh_client import Client, connect

from bench.order_mesh import ACK_SECONDS, OrderMesh, order_mesh
from bench.paced_orders import calls_near_the_money, place_for
from bench.quote_readers import WATCH
from bench.result import Result, at_most
from bench.sender import cpu_seconds, sender
from bench.timing import run_async

SECONDS = float(os.environ.get("BENCH_SECONDS", "20"))
CONTRACTS, TICKS_OF_EACH, GOAL_MS = 90, 50, 25.0
QUIET_TICKS_PER_SECOND = 20
WARM_UP_SECONDS = 3.0


async def measure(folder: Path, method: str) -> float:
    """What one in a hundred orders takes beyond the simulator's own delay, milliseconds.

    Args:
        folder: For the processes; new.
        method: How quotes are read meanwhile; empty: nobody reads, and few come.
    """
    ticks = CONTRACTS * TICKS_OF_EACH if method else QUIET_TICKS_PER_SECOND
    async with order_mesh(folder, ticks) as mesh, connect(market=mesh.address) as client:
        con_ids = await calls_near_the_money(client, CONTRACTS)
        with ExitStack() as stack:
            if method:
                listed = ",".join(map(str, con_ids))
                load = {"BENCH_MARKET": mesh.address, "BENCH_CONTRACTS": listed, "BENCH_METHOD": method}
                stack.enter_context(sender("bench.quote_readers", load))
            return await timed(client, mesh, (con_ids[0], con_ids[2]))


async def timed(client: Client, mesh: OrderMesh, legs: tuple[int, int]) -> float:
    """The same, of a mesh under whatever load there is."""
    await place_for(client, legs, WARM_UP_SECONDS)
    pids = {"simulator": mesh.simulator, "ibkr_server": mesh.server, "orders": os.getpid()}
    before = {name: cpu_seconds(pid) for name, pid in pids.items()}
    taken = await place_for(client, legs, SECONDS)
    used = ", ".join(
        f"{name} {(cpu_seconds(pid) - before[name]) / SECONDS:.2f}" for name, pid in pids.items()
    )
    p50, p99 = np.percentile(taken, [50, 99]) - ACK_SECONDS * 1e3
    show(f"[dim]{len(taken)} orders: p50 {p50:.1f} ms, p99 {p99:.1f} ms; cores used: {used}")
    return float(p99)


def run() -> list[Result]:
    """Measure."""
    with tempfile.TemporaryDirectory() as name:
        quiet, watched, streamed = (
            run_async(measure(Path(name) / (method or "quiet"), method))
            for method in ("", WATCH, "StreamQuotes")
        )
    return [
        at_most("place_order_p99 WatchQuotes", watched, "ms", GOAL_MS),
        at_most("place_order_p99 StreamQuotes", streamed, "ms", GOAL_MS),
        Result("place_order_p99 quiet", streamed, "ms", quiet, quiet / streamed, "none", met=True),
    ]
