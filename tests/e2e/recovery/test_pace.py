"""The gateway's limit on messages a second is kept while it reads nothing and when it reads all at once."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.recovery.conftest import Feed
from tests.ibkr_server.process import IbkrServerProcess
from tests.tws_sim.process import SimulatorProcess

LINES = 40
PACE = 45
AFTER_SECONDS = 3.0


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorProcess]:
    market = ["synthetic", "--symbols", "SPY", "--seed", "3", "--ticks-per-second", "900"]
    with SimulatorProcess([*market, "--lines", str(LINES)]) as running:
        yield running


@pytest.fixture(scope="module")
def server(simulator: SimulatorProcess) -> Iterator[IbkrServerProcess]:
    """Fewer lines than contracts: one always waits for its turn, so messages go at full pace."""
    with IbkrServerProcess(simulator.port, {"MAX_SUBSCRIPTIONS": str(LINES)}) as running:
        running.until_serving()
        yield running


@pytest.mark.parametrize("seconds", [0.5, 1.0, 1.4, 2.4])
async def test_a_black_hole_is_not_followed_by_a_burst(
    feed: Feed, simulator: SimulatorProcess, seconds: float
) -> None:
    sent = (await feed.status()).messages_sent
    await asyncio.sleep(2.0)
    assert (await feed.status()).messages_sent - sent > 30
    feed.inject("black-hole", seconds=seconds)
    await asyncio.sleep(seconds + AFTER_SECONDS)
    status = await feed.status()
    assert status.ready
    assert status.connections == 1
    counters: Any = simulator.counters()["total"]
    assert counters["errors"] == {}
    assert counters["max_messages_per_second"] <= PACE
    await feed.follower.until(feed.follower.all_fresh(feed.options, feed.latest_us), 10)
