"""The gateway restarts at the time that was announced: nothing of it looks like a failure."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from spreadmesh.market.v1 import gateway_pb2

from ibkr_server.chain.expiration import NEW_YORK
from tests.e2e.recovery.conftest import Feed
from tests.e2e.recovery.test_recovery import AFTER_SOCKET_SECONDS, report
from tests.ibkr_server.process import IbkrServerProcess
from tests.tws_sim.process import SimulatorProcess

START, ANNOUNCED = "2026-01-08T23:42:40", "23:45"
"""It is due from twenty seconds after the start on, two minutes before the time that is announced."""
NOTICE, AWAY_SECONDS = timedelta(seconds=4), 6.0
PATIENCE_SECONDS = 40.0


@pytest.fixture
def simulator() -> Iterator[SimulatorProcess]:
    market = ["synthetic", "--symbols", "SPY", "--seed", "3", "--ticks-per-second", "900"]
    with SimulatorProcess([*market, "--lines", "100", "--start", START]) as running:
        yield running


@pytest.fixture
def server(simulator: SimulatorProcess) -> Iterator[IbkrServerProcess]:
    settings = {"GATEWAY_RESTART": ANNOUNCED, "LOG_LEVEL": "WARNING"}
    with IbkrServerProcess(simulator.port, settings) as running:
        running.until_serving()
        yield running


async def test_an_announced_restart_is_waited_out(feed: Feed, capfd: pytest.CaptureFixture[str]) -> None:
    announced = await next_status(feed, lambda status: status.restart_due)
    assert announced.ready
    assert announced.connections == 1
    at = announced.market_time.ToDatetime(NEW_YORK) + NOTICE
    feed.inject("daily-restart", at=f"{at:%H:%M:%S}", downtime=AWAY_SECONDS)
    flagged = await feed.follower.until(feed.follower.all_stale(feed.follower.con_ids), PATIENCE_SECONDS)
    before = feed.latest_us
    assert (await feed.status()).restart_due
    fresh = feed.follower.all_fresh(feed.follower.con_ids, before)
    back = await feed.follower.until(fresh, AWAY_SECONDS + AFTER_SOCKET_SECONDS)
    with capfd.disabled():
        report(f"daily restart, {AWAY_SECONDS} s away", None, back - AWAY_SECONDS)
    status = await feed.status()
    assert (status.ready, status.connections, status.stale_quotes) == (True, 2, 0)
    assert status.lines_in_use == len(feed.follower.con_ids)
    assert flagged > 0
    assert capfd.readouterr().err == ""


async def next_status(
    feed: Feed, holds: Callable[[gateway_pb2.GatewayStatus], bool]
) -> gateway_pb2.GatewayStatus:
    """The first status told of which something holds; states are told when they change, not asked for."""
    request = gateway_pb2.WatchGatewayStatusRequest(max_interval_seconds=60)
    watching = feed.stub.WatchGatewayStatus(request, timeout=PATIENCE_SECONDS)
    async for answer in watching:
        if holds(answer.status):
            watching.cancel()
            return answer.status
    raise AssertionError("the stream has ended")
