"""Three times the reads that a server grants: how soon it refuses, and what orders notice of it.

`BENCH_SECONDS` (20) is how long orders are placed before the overload, and under it.
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from rich import print as show
from spreadmesh_client import connect

from bench.order_mesh import ACK_SECONDS, order_mesh
from bench.paced_orders import calls_near_the_money, place_for
from bench.result import Result, at_most
from bench.sender import cpu_seconds, sender
from bench.timing import run_async

SECONDS = float(os.environ.get("BENCH_SECONDS", "20"))
GRANTED, TIMES, REFUSED_MS, WORSE = 300, 3, 50.0, 2.0
TICKS_PER_SECOND, WARM_UP_SECONDS = 200, 3.0
LIMITS = {"RATE_LIMITS": f"*=token_bucket:{GRANTED}/s:{GRANTED}"}


async def measure(folder: Path) -> tuple[list[float], list[float], dict[str, Any]]:
    """Milliseconds of each order before and under the overload, and what became of the reads."""
    found = folder / "found.json"
    async with order_mesh(folder, TICKS_PER_SECOND, LIMITS) as mesh, connect(market=mesh.address) as client:
        con_ids = await calls_near_the_money(client, 3)
        legs = (con_ids[0], con_ids[2])
        await place_for(client, legs, WARM_UP_SECONDS)
        base = await place_for(client, legs, SECONDS)
        load = {
            "BENCH_MARKET": mesh.address,
            "BENCH_RATE": str(GRANTED * TIMES),
            "BENCH_FOUND": str(found),
        }
        with sender("bench.call_flood", load):
            await place_for(client, legs, WARM_UP_SECONDS)  # the burst that the limit grants is over then
            before = cpu_seconds(mesh.server)
            loaded = await place_for(client, legs, SECONDS)
            cores = (cpu_seconds(mesh.server) - before) / SECONDS
    return base, loaded, json.loads(found.read_text()) | {"cores": cores}


def run() -> list[Result]:
    """Measure."""
    with tempfile.TemporaryDirectory() as name:
        base, loaded, found = run_async(measure(Path(name) / "mesh"))
    refused, answered = found["refused"], found["answered"]
    made = len(refused) + len(answered) + found["failed"]
    show(
        f"[dim]{made / found['seconds']:,.0f} reads/s, {len(refused) / made:.0%} refused in"
        f" {np.median(refused):.1f} ms at the median, {found['failed']} failed;"
        f" ibkr_server used {found['cores']:.2f} cores"
    )
    before, under = (float(np.percentile(each, 99)) - ACK_SECONDS * 1e3 for each in (base, loaded))
    return [
        at_most("overload_shed refusal p99", float(np.percentile(refused, 99)), "ms", REFUSED_MS),
        at_most("overload_shed order p99", under, "ms", WORSE * before),
    ]
