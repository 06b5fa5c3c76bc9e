import asyncio
from datetime import UTC, datetime

import pytest

from tws_sim.clock import MarketClock, VirtualClock


async def test_sleepers_wake_when_their_time_has_come() -> None:
    clock = VirtualClock()
    woken: list[str] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(name)

    async with asyncio.TaskGroup() as tasks:
        for name, seconds in (("late", 5.0), ("early", 1.0)):
            tasks.create_task(sleeper(name, seconds))
        await asyncio.sleep(0)
        clock.advance(0.9)
        await asyncio.sleep(0)
        assert woken == []
        clock.advance(0.1)
        await asyncio.sleep(0)
        assert woken == ["early"]
        clock.advance(10)
    assert woken == ["early", "late"]


def test_market_time_starts_at_its_own_instant_and_runs_at_its_speed() -> None:
    clock = VirtualClock()
    clock.advance(1000)
    market = MarketClock(clock, datetime(2015, 12, 24, 15, 30, tzinfo=UTC), speed=10)
    assert market.now() == datetime(2015, 12, 24, 15, 30, tzinfo=UTC)
    clock.advance(6)
    assert market.now() == datetime(2015, 12, 24, 15, 31, tzinfo=UTC)
    assert market.elapsed() == 60


def test_market_time_needs_a_zone_and_a_speed() -> None:
    with pytest.raises(ValueError, match="zone"):
        MarketClock(VirtualClock(), datetime(2015, 12, 24))
    with pytest.raises(ValueError, match="speed"):
        MarketClock(VirtualClock(), datetime(2015, 12, 24, tzinfo=UTC), 0)
