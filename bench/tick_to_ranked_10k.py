"""From a tick in the simulator to the client that holds the ranking with it, through three processes.

`BENCH_SECONDS` (20) is how long it is measured.
"""

import os
import tempfile
from pathlib import Path

import numpy as np
from rich import print as show
from spreadmesh_client import connect

from bench.ranked_mesh import SPEC, Latencies, Usage, follow, ranked_mesh
from bench.result import Result, at_most, more
from bench.stages import stages
from bench.ticks import TICKS_PER_SECOND
from bench.timing import run_async
from mesh.settings import TelemetrySettings
from mesh.telemetry.start import start_telemetry

SECONDS = float(os.environ.get("BENCH_SECONDS", "20"))
SETTLING_SECONDS = 8.0


async def measure(folder: Path) -> tuple[list[float], float]:
    """Latencies in milliseconds, and ticks per second that the simulator sent; prints where the time goes."""
    telemetry = TelemetrySettings(spreadmesh_trace_dir=folder / "traces")
    latencies = Latencies()
    async with (
        ranked_mesh(folder, [TICKS_PER_SECOND]) as running,
        start_telemetry("client", telemetry),
        connect(scan=running.plan.scan) as client,
        client.scans.stream_scan(SPEC, min_interval_seconds=0) as stream,
    ):
        await follow(stream, latencies, SETTLING_SECONDS)
        latencies.next_window()
        before, usage = latencies.rankings, Usage(running)
        await follow(stream, latencies, SECONDS)
        rate, shares = usage.rate(), usage.shares()
    used = ", ".join(f"{name} {share:.2f}" for name, share in shares.items())
    show(f"[dim]{(latencies.rankings - before) / SECONDS:.0f} rankings/s; cores used: {used}")
    for name, (middle, late) in stages(folder / "traces").items():
        show(f"[dim]  p50 {middle:6.2f} ms, p99 {late:6.2f} ms: {name}")
    return latencies.next_window(), rate


def run() -> list[Result]:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder:
        found, rate = run_async(measure(Path(folder)))
    middle, late = np.percentile(found, [50, 99])
    return [
        more("tick_to_ranked_10k sent", rate, "ticks/s", TICKS_PER_SECOND, goal=0.95),
        at_most("tick_to_ranked_10k p50", float(middle), "ms", 0.5),
        at_most("tick_to_ranked_10k p99", float(late), "ms", 3),
    ]
