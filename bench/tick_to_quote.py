"""From a tick in the simulator to a reader of ibkr_server's `StreamQuotes`: half of the way to a ranking.

`BENCH_STEP_SECONDS` (8) is how long each of the two rates is measured.
"""

import os
import signal
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from rich import print as show
from spreadmesh.market.v1.quotes_pb2 import QuoteBatch
from spreadmesh_client import Client, QuoteStream, connect

from bench.ranked_mesh import LINES, SYMBOL, Usage, ranked_mesh
from bench.result import Result, at_most
from bench.ticks import now_us
from bench.timing import run_async

RATES = (10_000, 100_000)
SECONDS = float(os.environ.get("BENCH_STEP_SECONDS", "8"))
SETTLING_SECONDS, PAUSE_SECONDS = 7.0, 1.0


async def watched(client: Client) -> list[int]:
    """As many contracts as there are lines, from the first expirations on."""
    chain = await client.market.get_option_chain(SYMBOL)
    return [contract.con_id for contract in chain.contracts[:LINES]]


async def ages(stream: QuoteStream, made: dict[int, float], seconds: float) -> list[float]:
    """Milliseconds from each bid's last tick, as its size tells, to the batch that shows it."""
    found: list[float] = []
    until = time.monotonic() + seconds
    async for event in stream:
        now = now_us()
        if isinstance(event, QuoteBatch):
            found += news(zip(event.con_id, event.bid_size, strict=True), made, now)
        if now / 1e6 > until:
            break
    return found


def news(rows: Iterable[tuple[int, float]], made: dict[int, float], now: int) -> list[float]:
    """Ages of those made after what is known of their contract, and kept in `made`; not the first of each."""
    fresh = {con_id: at for con_id, at in rows if at > made.get(con_id, 0)}
    known = [(now - at) / 1e3 for con_id, at in fresh.items() if con_id in made]
    made |= fresh
    return known


async def measure(folder: Path) -> list[np.ndarray]:
    """Median and 99th percentile of the ages at each rate, milliseconds."""
    made: dict[int, float] = {}
    figures = []
    async with (
        ranked_mesh(folder, RATES) as running,
        connect(market=running.plan.market) as client,
        client.market.stream_quotes(await watched(client), credits=16) as stream,
    ):
        await ages(stream, made, SETTLING_SECONDS)
        for rate in RATES:
            await ages(stream, made, PAUSE_SECONDS)
            usage = Usage(running)
            figures.append(np.percentile(await ages(stream, made, SECONDS), [50, 99]))
            used = ", ".join(f"{name} {share:.2f}" for name, share in usage.shares().items())
            show(f"[dim]{usage.rate():,.0f} of {rate:,} ticks/s sent; cores used: {used}")
            os.kill(running.children[0].pid, signal.SIGUSR1)
    return figures


def run() -> list[Result]:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder:
        (middle, late), (middle_fast, late_fast) = run_async(measure(Path(folder)))
    return [
        at_most("tick_to_quote 10k p50", float(middle), "ms", 0.5),
        at_most("tick_to_quote 10k p99", float(late), "ms", 1.5),
        at_most("tick_to_quote 100k p50", float(middle_fast), "ms", 1.5),
        at_most("tick_to_quote 100k p99", float(late_fast), "ms", 3),
    ]
