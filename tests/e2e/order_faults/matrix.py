"""Running cells, several at a time, and the table of what was found."""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import grpc

from tests.e2e.order_faults.cells import Broker, Cell, Crash
from tests.e2e.order_faults.oracle import violations
from tests.e2e.order_faults.scenario import NAME, Scenario
from tests.e2e.order_faults.trader import Trader
from tests.e2e.order_faults.world import Nursery, World
from tests.known_market import two_calls

CELL_SECONDS = 120.0


@dataclass(frozen=True)
class Outcome:
    """What a cell has shown; `reached` tells whether the server died where it was to."""

    cell: Cell
    seed: int
    reached: bool
    violations: list[str]
    seconds: float
    ready_seconds: float


async def run_cells(
    cells: Sequence[Cell], seed: int, workers: int, tell: Callable[[Outcome], None] = lambda _outcome: None
) -> list[Outcome]:
    """All of them, so many at a time, each with processes of its own."""
    waiting = list(reversed(cells))
    outcomes: list[Outcome] = []

    async def work(nursery: Nursery, folder: Path) -> None:
        while waiting:
            cell = waiting.pop()
            with tempfile.TemporaryDirectory(dir=folder) as place:
                outcome = await _run(nursery, Path(place), cell, seed)
            outcomes.append(outcome)
            tell(outcome)

    with tempfile.TemporaryDirectory() as folder:
        async with Nursery() as nursery, asyncio.TaskGroup() as tasks:
            for _ in range(min(workers, len(cells))):
                tasks.create_task(work(nursery, Path(folder)))
    return outcomes


async def _run(nursery: Nursery, folder: Path, cell: Cell, seed: int) -> Outcome:
    began = time.monotonic()
    async with World(nursery, folder) as world, grpc.aio.insecure_channel(world.address, _OPTIONS) as channel:
        trader = Trader(channel)
        following = asyncio.create_task(trader.follow())
        scenario = Scenario(cell, seed, world, trader, two_calls())
        try:
            async with asyncio.timeout(CELL_SECONDS):
                await scenario.first_life()
                order = await scenario.second_life()
                found = violations(
                    NAME,
                    await world.ledger(),
                    order,
                    await trader.executions(NAME),
                    await trader.positions(),
                    most_alike=2 if cell.broker is Broker.TWO_PERM_IDS else 1,
                )
        except (TimeoutError, AssertionError, grpc.aio.AioRpcError) as problem:
            found = [f"{type(problem).__name__}: {problem}"]
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
        found += scenario.problems + trader.events.problems
        await world.kill_server()
        found += await asyncio.to_thread(audit, world.journal)
        if found:
            found.append(world.log.read_text()[-2000:])
    return Outcome(cell, seed, scenario.reached, found, time.monotonic() - began, scenario.ready_seconds)


_OPTIONS = [
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 100),
]


def audit(journal: Path) -> list[str]:
    """Why the journal's chain does not hold; empty where it does."""
    done = subprocess.run(
        [sys.executable, "-m", "ibkr_server.journal", "audit", "--journal", str(journal)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return [done.stderr] if done.returncode else []


def table(outcomes: Sequence[Outcome]) -> str:
    """Cells, crashes reached, violations and times for each crash point."""
    lines = ["| crash point | cells | reached | violations | longest until ready |", "|---|---|---|---|---|"]
    for crash in Crash:
        mine = [one for one in outcomes if one.cell.crash is crash]
        if mine:
            reached, broken = sum(one.reached for one in mine), sum(bool(one.violations) for one in mine)
            ready = max(one.ready_seconds for one in mine)
            lines.append(f"| {crash.value} | {len(mine)} | {reached} | {broken} | {ready:.1f} s |")
    broken = sum(bool(one.violations) for one in outcomes)
    reached = sum(one.reached for one in outcomes)
    return "\n".join([*lines, f"| **all** | {len(outcomes)} | {reached} | {broken} | |"])
