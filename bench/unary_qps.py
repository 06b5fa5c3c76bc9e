"""Unary calls per second of a server with all that a server of the mesh does around a call, 64 at once.

`BENCH_SECONDS` (20) is how long all rounds take together.
"""

import os
from statistics import median

from bench.calls import call_for
from bench.result import Result, more
from bench.sender import sender
from bench.timing import run_async

SECONDS = float(os.environ.get("BENCH_SECONDS", "20"))
CONCURRENT, ROUNDS, GOAL = 64, 5, 3_000


async def rounds(ours: str, bare: str) -> tuple[float, float]:
    """Median calls per second of either server, in turn."""
    rates: dict[str, list[float]] = {ours: [], bare: []}
    for address in (ours, bare) * ROUNDS:
        rates[address].append(await call_for(address, SECONDS / ROUNDS / 2, CONCURRENT))
    return median(rates[ours]), median(rates[bare])


def run() -> list[Result]:
    """Measure."""
    unlimited = {"RATE_LIMITS": "*=unlimited", "SHED_DELAY_SECONDS": "60"}
    with sender("bench.idle_sender", unlimited) as (ours, _), sender("bench.bare_server") as (bare, _):
        rate, bare_rate = run_async(rounds(ours, bare))
    return [
        more("unary_qps", rate, "calls/s", GOAL, goal=1),
        more("unary_qps bare grpc.aio", rate, "calls/s", bare_rate, goal=0.8),
    ]
