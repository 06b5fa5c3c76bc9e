"""Many underlyings through a simulated gateway with many lines: within its limits, each line used in turn."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, aclosing
from dataclasses import dataclass
from typing import Any

import pytest
from spreadmesh.scan.v1.spec_pb2 import ScanSpec
from spreadmesh_client import connect

from tests.ibkr_server.process import IbkrServerProcess
from tests.processes import ServerProcess
from tests.tws_sim.process import SimulatorProcess

# Two underlyings fit at a time, and not a third one.
LINES, OPTIONS, UNDERLYINGS = 1_000, 480, 5
MOST_MESSAGES = LINES * 45 // 100
SYMBOLS = [f"U{number:03}" for number in range(1, UNDERLYINGS + 1)]


@dataclass(frozen=True)
class Servers:
    simulator: SimulatorProcess
    scan: str


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    market = ["synthetic", "--crowd", f"{UNDERLYINGS}x{OPTIONS}", "--start", "2026-11-16T11:00:00"]
    limits = ["--lines", str(LINES), "--message-rate", str(LINES // 2)]
    pace = {"MAX_SUBSCRIPTIONS": str(LINES), "MESSAGES_PER_SECOND": str(MOST_MESSAGES)}
    with ExitStack() as stack:
        simulator = stack.enter_context(SimulatorProcess([*market, *limits]))
        ibkr = stack.enter_context(IbkrServerProcess(simulator.port, pace))
        ibkr.until_serving()
        scanner = stack.enter_context(ServerProcess("scanner_server", {"IBKR_SERVER": ibkr.address}))
        scanner.until_serving(60)
        yield Servers(simulator, scanner.address)


def counters(servers: Servers) -> dict[str, Any]:
    return dict(servers.simulator.counters()["total"])


async def test_scans_more_than_there_are_lines_and_keeps_the_gateways_limits(servers: Servers) -> None:
    async with (
        connect(scan=servers.scan) as client,
        aclosing(
            client.universes.run_scan(ScanSpec(limit=5), symbols=SYMBOLS, max_parallel=2, timeout_seconds=100)
        ) as updates,
    ):
        seen = [update async for update in updates]
    last = seen[-1]
    assert last.complete
    assert (last.progress.done, last.progress.failed) == (UNDERLYINGS, 0)
    assert last.progress.contracts_wanted == UNDERLYINGS * OPTIONS
    assert len(last.ranking.candidates) == 5
    assert max(len(update.progress.running) for update in seen) == 2
    told = [update.progress.contracts_quoted for update in seen]
    assert told == sorted(told)
    total = counters(servers)
    assert total["errors"] == {}
    assert OPTIONS / 2 < total["max_lines_in_use"] <= LINES
    assert 45 < total["max_messages_per_second"] <= LINES // 2


async def test_a_cancel_leaves_the_gateway_in_peace(servers: Servers) -> None:
    async with connect(scan=servers.scan) as client:
        updates = client.universes.run_scan(ScanSpec(), symbols=SYMBOLS[::-1], max_parallel=2, min_coverage=1)
        async for update in updates:
            if len(update.progress.running) == 2 and update.progress.contracts_quoted:
                break
        await updates.aclose()
    async with asyncio.timeout(20):
        while counters(servers)["lines_in_use"]:  # noqa: ASYNC110 - another process counts
            await asyncio.sleep(0.1)
