"""The status of a market that has done something."""

import asyncio

import pytest

from ibkr_server.gateway.outcomes import Outcome
from ibkr_server.gateway.pacer import Lane
from ibkr_server.gateway.state import GatewayMessage
from ibkr_server.market import Market
from ibkr_server.rpc.status import gateway_status
from ibkr_server.settings import IbkrSettings
from tests.ibkr_server.loop_clock import LoopClock


async def test_tells_of_throttling_and_errors_as_they_are_now(time: LoopClock) -> None:
    market = Market(IbkrSettings(messages_per_second=2.5), clock=lambda: time.now)
    pacing = asyncio.create_task(market.pacer.run())
    async with asyncio.TaskGroup() as tasks:
        for _ in range(6):
            tasks.create_task(market.pacer.turn(Lane.REQUESTS))
        await time.advance(4.0)
    pacing.cancel()
    for outcome in [Outcome.ANSWERED] * 99 + [Outcome.UNANSWERED]:
        market.link.outcomes.count(outcome)
    status = gateway_status(market)
    assert (status.throttled_last_minute, status.lanes[Lane.REQUESTS].throttled) == (3, 3)
    assert (status.recent_requests, status.error_rate) == (100, pytest.approx(0.01))
    assert status.most_messages_in_a_second == 3
    assert [lane.name for lane in status.lanes] == ["pulse", "orders", "requests", "market_data", "history"]
    time.now += 400.0
    status = gateway_status(market)
    assert (status.throttled_last_minute, status.recent_requests, status.error_rate) == (0, 0, 0.0)
    assert status.lanes[Lane.REQUESTS].throttled == 3


@pytest.mark.parametrize("seconds", [0.0, 1_795_190_400.0])
def test_an_error_before_the_market_has_told_its_time_has_none(time: LoopClock, seconds: float) -> None:
    market = Market(IbkrSettings(), clock=lambda: time.now)
    market.link.state.heard(GatewayMessage(-1, 502, "no gateway", seconds))
    told = gateway_status(market).last_error
    assert (told.code, told.HasField("time"), told.time.seconds) == (502, bool(seconds), int(seconds))
