"""A mesh whose every tick carries the instant it was made at, and a client that sees them in rankings."""

import os
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from spreadmesh.scan.v1.candidate_pb2 import Candidate
from spreadmesh.scan.v1.spec_pb2 import Range, ScanFilters, ScanSpec
from spreadmesh_client import RankingUpdate
from spreadmesh_client.scans import ScanStream
from spreadmesh_client.supervisor.mesh import RunningMesh, run_mesh
from spreadmesh_client.supervisor.plan import Child, Synthetic, make_plan
from spreadmesh_client.supervisor.ports import choose_ports

from bench.sender import cpu_seconds
from bench.ticks import now_us
from tws_sim.control.client import ask

SYMBOL, LINES = "SPY", 200
SPEC = ScanSpec(underlying=SYMBOL, filters=ScanFilters(days_to_expiration=Range(lower=5, upper=12)), limit=50)


@dataclass
class Latencies:
    """Milliseconds from each tick to the first ranking that shows it, over the legs of all spreads listed."""

    found: list[float] = field(default_factory=list)
    rankings: int = 0
    _made: dict[int, float] = field(default_factory=dict)

    def take(self, changed: Iterable[Candidate], now_us: int) -> None:
        """A ranking has come, in which these spreads are new or have changed."""
        self.rankings += 1
        newest = {leg.con_id: leg.bid_size for candidate in changed for leg in candidate.legs}
        for con_id, made in newest.items():
            if con_id in self._made and made > self._made[con_id]:
                self.found.append((now_us - made) / 1e3)
        self._made |= newest

    def next_window(self) -> list[float]:
        """What has been found since the last call."""
        found, self.found = self.found, []
        return found


@asynccontextmanager
async def ranked_mesh(folder: Path, rates: Sequence[int]) -> AsyncIterator[RunningMesh]:
    """Simulator, ibkr_server and scanner_server; SIGUSR1 takes the simulator to the next rate (ticks/s)."""
    (folder / "logs").mkdir()
    ports = choose_ports(0)
    source = Synthetic(SYMBOL, 7, rates[0])
    plan = make_plan(source, ports, lines=LINES, client_id=1, trace_dir=folder / "traces")
    figures = [str(figure) for figure in (LINES, ports.tws, ports.tws_control, *rates)]
    stamped = Child("bench.stamped_market", [SYMBOL, *figures])
    plan = replace(plan, children=[stamped, *plan.children[1:]])
    async with run_mesh(plan, folder, ready_seconds=60, show=lambda _text: None) as running:
        yield running


async def follow(stream: ScanStream, latencies: Latencies, seconds: float) -> None:
    """Read rankings for so long."""
    until = time.monotonic() + seconds
    async for event in stream:
        now = now_us()
        if isinstance(event, RankingUpdate):
            changed = event.changed
            latencies.take((one for one in event.ranking.candidates if one.candidate_id in changed), now)
        if now / 1e6 > until:
            return


class Usage:
    """What the simulator has sent, and the share of a core that each process takes, since it was begun."""

    def __init__(self, running: RunningMesh) -> None:
        self._control = running.plan.tws_control or ""
        self._pids = {child.name: child.pid for child in running.children} | {"client": os.getpid()}
        self._began = time.monotonic()
        self._sent = ticks_sent(self._control)
        self._busy = {name: cpu_seconds(pid) for name, pid in self._pids.items()}

    def rate(self) -> float:
        """Ticks per second."""
        return (ticks_sent(self._control) - self._sent) / (time.monotonic() - self._began)

    def shares(self) -> dict[str, float]:
        """By process."""
        elapsed = time.monotonic() - self._began
        return {name: (cpu_seconds(pid) - self._busy[name]) / elapsed for name, pid in self._pids.items()}


def ticks_sent(control: str) -> int:
    """The simulator's count."""
    total: dict[str, Any] = ask(control, command="counters")["total"]
    return int(total["ticks_sent"])
