"""From a tick to the ranking at ever higher rates: the latency at 100,000 ticks/s, and the highest rate held.

A rate is held where all its ticks are sent and the delay of the last third is that of the first.
`BENCH_STEP_SECONDS` (8) is how long each rate is measured.
"""

import os
import signal
import tempfile
from dataclasses import dataclass
from math import inf
from pathlib import Path
from statistics import median

import numpy as np
from rich import print as show
from spreadmesh_client import connect

from bench.ranked_mesh import SPEC, Latencies, Usage, follow, ranked_mesh
from bench.result import Result, at_most, more
from bench.timing import run_async

GOAL = 100_000
RATES = (10_000, 20_000, 40_000, 60_000, 80_000, GOAL, 150_000, 200_000)
SECONDS = float(os.environ.get("BENCH_STEP_SECONDS", "8"))
SETTLING_SECONDS, PAUSE_SECONDS = 8.0, 1.0
GROWTH_MS = 1.0


@dataclass(frozen=True)
class Step:
    """One rate's outcome.

    Attributes:
        asked, sent: ticks per second.
        middle, late: median and 99th percentile of the latencies, milliseconds.
        growth: median of their last third less that of the first, milliseconds.
        shares: of a core, by process.
    """

    asked: int
    sent: float
    middle: float
    late: float
    growth: float
    shares: dict[str, float]

    @property
    def held(self) -> bool:
        """Whether everything was sent and the delay did not grow."""
        return self.sent >= 0.95 * self.asked and self.growth <= GROWTH_MS

    @property
    def busiest(self) -> str:
        """The process that takes the largest share of a core."""
        return max(self.shares, key=self.shares.__getitem__)

    def __str__(self) -> str:
        used = ", ".join(f"{name} {share:.2f}" for name, share in self.shares.items())
        verdict = "held" if self.held else f"not held, {self.busiest} is busiest"
        delay = f"p50 {self.middle:.2f} ms, p99 {self.late:.2f} ms, growth {self.growth:.2f} ms"
        return f"{self.asked:,} ticks/s: {self.sent:,.0f} sent, {delay}, {verdict}; cores used: {used}"


def outcome(asked: int, sent: float, found: list[float], shares: dict[str, float]) -> Step:
    """The step's figures out of its latencies, in the order in which they were found."""
    if not found:
        return Step(asked, sent, inf, inf, inf, shares)
    middle, late = np.percentile(found, [50, 99])
    third = max(1, len(found) // 3)
    growth = median(found[-third:]) - median(found[:third])
    return Step(asked, sent, float(middle), float(late), growth, shares)


async def climb(folder: Path) -> list[Step]:
    """Measure one rate after the other in the same mesh."""
    latencies, steps = Latencies(), []
    async with (
        ranked_mesh(folder, RATES) as running,
        connect(scan=running.plan.scan) as client,
        client.scans.stream_scan(SPEC, min_interval_seconds=0) as stream,
    ):
        await follow(stream, latencies, SETTLING_SECONDS)
        for rate in RATES:
            await follow(stream, latencies, PAUSE_SECONDS)
            latencies.next_window()
            usage = Usage(running)
            await follow(stream, latencies, SECONDS)
            steps.append(outcome(rate, usage.rate(), latencies.next_window(), usage.shares()))
            show(f"[dim]{steps[-1]}")
            os.kill(running.children[0].pid, signal.SIGUSR1)
    return steps


def run() -> list[Result]:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder:
        steps = run_async(climb(Path(folder)))
    at_goal = next(step for step in steps if step.asked == GOAL)
    held = max((step.asked for step in steps if step.held), default=0)
    return [
        more("tick_to_ranked_100k held", held, "ticks/s", GOAL, goal=1),
        at_most("tick_to_ranked_100k p50", at_goal.middle, "ms", 0.5),
        at_most("tick_to_ranked_100k p99", at_goal.late, "ms", 3),
    ]
