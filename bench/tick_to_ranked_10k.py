"""From a tick in the simulator to the client that holds the ranking with it, through three processes.

`BENCH_SECONDS` (20) is how long it is measured.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich import print as show
from spreadmesh.scan.v1.ranking_pb2 import Ranking
from spreadmesh.scan.v1.spec_pb2 import Range, ScanFilters, ScanSpec
from spreadmesh_client import RankingUpdate, connect
from spreadmesh_client.supervisor.mesh import RunningMesh, run_mesh
from spreadmesh_client.supervisor.plan import Child, Synthetic, make_plan
from spreadmesh_client.supervisor.ports import choose_ports

from bench.result import Result, at_most, more
from bench.stages import stages
from bench.ticks import TICKS_PER_SECOND, now_us
from mesh.settings import TelemetrySettings
from mesh.telemetry.start import start_telemetry
from tws_sim.control.client import ask

SECONDS = float(os.environ.get("BENCH_SECONDS", "20"))
SETTLING_SECONDS = 8.0
SYMBOL, LINES = "SPY", 200
SPEC = ScanSpec(underlying=SYMBOL, filters=ScanFilters(days_to_expiration=Range(lower=5, upper=12)), limit=50)


@dataclass
class Latencies:
    """Milliseconds from each tick to the first ranking that shows it, over the legs of all spreads listed."""

    found: list[float] = field(default_factory=list)
    rankings: int = 0
    _made: dict[int, float] = field(default_factory=dict)

    def take(self, ranking: Ranking, now_us: int) -> None:
        """A ranking has come."""
        self.rankings += 1
        newest = {leg.con_id: leg.bid_size for candidate in ranking.candidates for leg in candidate.legs}
        for con_id, made in newest.items():
            if con_id in self._made and made > self._made[con_id]:
                self.found.append((now_us - made) / 1e3)
        self._made |= newest


@asynccontextmanager
async def mesh(folder: Path) -> AsyncIterator[RunningMesh]:
    """Simulator, ibkr_server and scanner_server, with a stamp on every tick."""
    (folder / "logs").mkdir()
    ports = choose_ports(0)
    source = Synthetic(SYMBOL, 7, TICKS_PER_SECOND)
    plan = make_plan(source, ports, lines=LINES, client_id=1, trace_dir=folder / "traces")
    figures = [str(figure) for figure in (TICKS_PER_SECOND, LINES, ports.tws, ports.tws_control)]
    stamped = Child("bench.stamped_market", [SYMBOL, *figures])
    plan = replace(plan, children=[stamped, *plan.children[1:]])
    async with run_mesh(plan, folder, ready_seconds=60, show=lambda _text: None) as running:
        yield running


async def measure(running: RunningMesh) -> tuple[Latencies, float, dict[str, float]]:
    """Latencies, ticks per second that the simulator sent, and the share of a core each process took."""
    latencies = Latencies()
    pids = {child.name: child.pid for child in running.children} | {"client": os.getpid()}
    control = running.plan.tws_control or ""
    async with (
        connect(market=running.plan.market, scan=running.plan.scan) as client,
        client.scans.stream_scan(SPEC, min_interval_seconds=0) as stream,
    ):
        began = time.monotonic() + SETTLING_SECONDS
        sent, busy = 0, dict.fromkeys(pids, 0.0)
        async for event in stream:
            now = now_us()
            if not isinstance(event, RankingUpdate) or now / 1e6 < began:
                continue
            if not sent:
                sent, busy = ticks_sent(control), {name: cpu_seconds(pid) for name, pid in pids.items()}
            latencies.take(event.ranking, now)
            if now / 1e6 > began + SECONDS:
                break
    seconds = time.monotonic() - began
    shares = {name: (cpu_seconds(pid) - busy[name]) / seconds for name, pid in pids.items()}
    return latencies, (ticks_sent(control) - sent) / seconds, shares


def ticks_sent(control: str) -> int:
    """The simulator's count."""
    total: dict[str, Any] = ask(control, command="counters")["total"]
    return int(total["ticks_sent"])


def cpu_seconds(pid: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def latencies_through(folder: Path) -> tuple[Latencies, float]:
    """Measure in a mesh of its own, and print where the time goes."""
    telemetry = TelemetrySettings(spreadmesh_trace_dir=folder / "traces")
    async with mesh(folder) as running, start_telemetry("client", telemetry):
        latencies, rate, shares = await measure(running)
    used = ", ".join(f"{name} {share:.2f}" for name, share in shares.items())
    show(f"[dim]{latencies.rankings / SECONDS:.0f} rankings/s; cores used: {used}")
    for name, (middle, late) in stages(folder / "traces").items():
        show(f"[dim]  p50 {middle:6.2f} ms, p99 {late:6.2f} ms: {name}")
    return latencies, rate


def run() -> list[Result]:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder:
        latencies, rate = asyncio.run(latencies_through(Path(folder)))
    middle, late = np.percentile(latencies.found, [50, 99])
    return [
        more("tick_to_ranked_10k sent", rate, "ticks/s", TICKS_PER_SECOND, goal=0.95),
        at_most("tick_to_ranked_10k p50", float(middle), "ms", 0.5),
        at_most("tick_to_ranked_10k p99", float(late), "ms", 3),
    ]
