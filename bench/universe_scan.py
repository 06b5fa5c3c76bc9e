"""A scan of many underlyings, through a simulated gateway, ibkr_server and scanner_server.

`BENCH_UNDERLYINGS` (50) is how many, each with 2,000 options; two of them have all of their contracts
subscribed at any time. A gateway takes half as many messages a second as it has lines, so both are raised
together. It ends with one underlying on 100 lines at 45 messages a second.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich import print as show
from spreadmesh.scan.v1.spec_pb2 import ScanSpec
from spreadmesh_client import UniverseUpdate, connect
from spreadmesh_client.supervisor.mesh import RunningMesh, run_mesh
from spreadmesh_client.supervisor.plan import Plan, Synthetic, make_plan
from spreadmesh_client.supervisor.ports import choose_ports
from spreadmesh_client.view.universe_view import summary

from bench.feed_tap import FeedTap, tapped
from bench.result import Result, at_most, more
from bench.sender import cpu_seconds

UNDERLYINGS = int(os.environ.get("BENCH_UNDERLYINGS", "50"))
OPTIONS, PARALLEL, COVERAGE = 2_000, 2, 0.95
LINES, FEW_LINES = 4_000, 100
TICKS_PER_SECOND = 200
MONDAY = "2026-11-16T11:00:00"
SYMBOLS = [f"U{number:03}" for number in range(1, UNDERLYINGS + 1)]
SPEC = ScanSpec(limit=20)
LONGEST_SECONDS = 900.0
TOLD_SECONDS = 10.0


@dataclass
class Course:
    """What a scan has told: seconds to the first ranking, to the last, and the longest ranking of them."""

    first: float = float("inf")
    full: float = float("inf")
    longest_ranking: float = 0.0
    messages: int = 0
    last: UniverseUpdate | None = None
    _began: float = field(default_factory=time.monotonic)
    _told: float = 0.0

    def take(self, update: UniverseUpdate) -> None:
        """An update has come."""
        now = time.monotonic() - self._began
        self.messages += 1
        self.last = update
        if update.progress.done:
            self.first = min(self.first, now)
        for one in update.ended:
            if one.HasField("failure"):
                show(f"[dim]  {one.symbol}: {one.failure.code}: {one.failure.reason}")
        self.longest_ranking = max([self.longest_ranking, *(one.basis.scan_seconds for one in update.ended)])
        if update.complete:
            self.full = now
        if update.complete or now - self._told > TOLD_SECONDS:
            self._told = now
            show(f"[dim]  {summary(update.progress)}")


def planned(plan: Plan, lines: int, crowd: int, tap_port: int) -> Plan:
    """With so many lines, messages in proportion, a crowd, and the scanner behind a tap."""
    sim, ibkr, scanner = plan.children
    crowded = ["--crowd", f"{crowd}x{OPTIONS}", "--start", MONDAY, "--message-rate", str(lines // 2)]
    pace = {"MESSAGES_PER_SECOND": str(lines * 0.45), "MAX_ROTATION": "100000"}
    behind_tap = {"IBKR_SERVER": f"127.0.0.1:{tap_port}"}
    children = [
        replace(sim, arguments=[*sim.arguments, *crowded]),
        replace(ibkr, environment=ibkr.environment | pace),
        replace(scanner, environment=scanner.environment | behind_tap),
    ]
    return replace(plan, children=children)


@asynccontextmanager
async def mesh(lines: int, crowd: int) -> AsyncIterator[tuple[RunningMesh, FeedTap]]:
    """The processes, and what stands between the scanner and its feed."""
    with tempfile.TemporaryDirectory() as name:
        folder, tap_port = Path(name), choose_ports(0).market
        (folder / "logs").mkdir()
        source = Synthetic("SPY", 7, TICKS_PER_SECOND)
        plan = make_plan(source, choose_ports(0), lines=lines, client_id=1, trace_dir=folder / "traces")
        starting = run_mesh(
            planned(plan, lines, crowd, tap_port), folder, ready_seconds=90, show=lambda _text: None
        )
        async with tapped(plan.market, tap_port) as tap, starting as running:
            yield running, tap


async def scan(address: str, symbols: list[str]) -> Course:
    """Scan to the end."""
    course = Course()
    async with (
        connect(scan=address) as client,
        aclosing(
            client.universes.run_scan(
                SPEC,
                symbols=symbols,
                max_parallel=PARALLEL,
                min_coverage=COVERAGE,
                underlying_seconds=LONGEST_SECONDS,
                deadline_seconds=LONGEST_SECONDS,
            )
        ) as updates,
    ):
        async for update in updates:
            course.take(update)
    return course


async def cancelled(running: RunningMesh, tap: FeedTap) -> float:
    """Seconds from a cancel in the middle of the work until the last subscription has been given back."""
    async with connect(scan=running.plan.scan) as client:
        updates = client.universes.run_scan(
            SPEC, symbols=SYMBOLS[::-1], max_parallel=PARALLEL, min_coverage=1, deadline_seconds=60
        )
        async for update in updates:
            if len(update.progress.running) == PARALLEL and len(tap.wanted) > PARALLEL * OPTIONS:
                break
        held, chains, began = len(tap.wanted), tap.chains, time.monotonic()
        await updates.aclose()
        async with asyncio.timeout(30):
            await tap.emptied.wait()
        seconds = tap.emptied_at - began
        await asyncio.sleep(1)  # for whatever might still be begun
        assert not tap.wanted
        assert tap.chains == chains
        show(f"[dim]  {held:,} contracts given back {1e3 * seconds:.0f} ms after the cancel")
        return seconds


async def many() -> tuple[Course, float]:
    """The whole universe, then a scan that is cancelled."""
    async with mesh(LINES, UNDERLYINGS) as (running, tap):
        pids = {child.name: child.pid for child in running.children} | {"client": os.getpid()}
        busy = {name: cpu_seconds(pid) for name, pid in pids.items()}
        course = await scan(running.plan.scan, SYMBOLS)
        shares = {name: (cpu_seconds(pid) - busy[name]) / course.full for name, pid in pids.items()}
        show(f"[dim]  cores used: {', '.join(f'{name} {share:.2f}' for name, share in shares.items())}")
        show(f"[dim]  {course.messages} messages; longest ranking {1e3 * course.longest_ranking:.0f} ms")
        return course, await cancelled(running, tap)


async def one_on_few_lines() -> Course:
    """One underlying, as a login with the usual lines sees it."""
    async with mesh(FEW_LINES, 1) as (running, _):
        return await scan(running.plan.scan, SYMBOLS[:1])


def run() -> list[Result]:
    """Measure."""
    course, cancel = asyncio.run(many())
    assert course.last is not None
    few = asyncio.run(one_on_few_lines())
    allowed = LINES * 0.45 / 2  # a contract takes a message to subscribe and one to cancel
    rate = course.last.progress.contracts_quoted / course.full
    return [
        Result(
            "universe_scan first", course.first, "s", few.first, few.first / course.first, "ratio ≥ 10",
            few.first / course.first >= 10,
        ),
        more("universe_scan full", rate, "contracts/s", allowed, goal=0.5),
        at_most("universe_scan cancel", 1e3 * cancel, "ms", 100),
    ]  # fmt: skip
