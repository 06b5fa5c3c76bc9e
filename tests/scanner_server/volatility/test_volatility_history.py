"""When histories are asked for, and what is at hand meanwhile; on clocks that the test moves."""

import asyncio
import math
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from mesh.errors import MeshError, failed_precondition, not_found, quota_exceeded, unavailable
from scanner_server.volatility.history import VolatilityHistory
from scanner_server.volatility.kind import VolatilityKind
from scanner_server.volatility.standing import NO_PAST
from scanner_server.volatility.store import DailySeries, VolatilityStore

FRIDAY = datetime(2026, 11, 20, 15, tzinfo=UTC)
"""Ten in New York."""
IMPLIED, REALIZED = VolatilityKind.IMPLIED, VolatilityKind.REALIZED
SPY = "SPY", IMPLIED


def series(asked_on: date, days: int = 300) -> DailySeries:
    """A value for each day up to the one asked on, which is the only one above 1."""
    first = asked_on - timedelta(days=days)
    values = {first + timedelta(days=number): 0.1 + number / 1000 for number in range(days)}
    return DailySeries(asked_on, values | {asked_on: 2.0})


class World:
    """Both clocks and what ibkr_server answers."""

    def __init__(self) -> None:
        self.market = FRIDAY
        self.monotonic = 0.0
        self.asked: list[tuple[str, VolatilityKind]] = []
        self.error: MeshError | None = None

    async def fetch(self, symbol: str, kind: VolatilityKind) -> DailySeries:
        self.asked.append((symbol, kind))
        if self.error is not None:
            raise self.error
        return series(self.market.date())

    def market_now(self) -> float:
        return self.market.timestamp()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def store(tmp_path: Path) -> VolatilityStore:
    return VolatilityStore(tmp_path / "volatility.sqlite3")


@pytest.fixture
def history(world: World, store: VolatilityStore) -> VolatilityHistory:
    return restarted(world, store)


def restarted(world: World, store: VolatilityStore) -> VolatilityHistory:
    """As another process would begin."""
    return VolatilityHistory(
        world.fetch, store, market_now=world.market_now, monotonic=lambda: world.monotonic
    )


async def test_absent_at_first_then_the_year_before_today(history: VolatilityHistory, world: World) -> None:
    assert history.before_today("SPY", IMPLIED) is None
    await history.refresh()
    past = history.before_today("SPY", IMPLIED)
    assert past is not None
    assert len(past) == 252
    assert past[-1] == pytest.approx(0.1 + 299 / 1000)
    assert past.max() < 1  # today's own value is left out
    assert (np.diff(past) > 0).all()


async def test_each_kind_is_asked_for_and_known_by_itself(
    history: VolatilityHistory, world: World, store: VolatilityStore
) -> None:
    history.before_today("SPY", IMPLIED)
    await history.refresh()
    assert history.before_today("SPY", REALIZED) is None
    world.error = not_found("history", "SPY", "none")
    await history.refresh()
    assert history.before_today("SPY", REALIZED) is NO_PAST
    assert len(history.before_today("SPY", IMPLIED)) == 252
    assert world.asked == [SPY, ("SPY", REALIZED)]
    assert store.load("SPY", REALIZED) is None
    assert store.load("SPY", IMPLIED) is not None


async def test_asked_for_once_a_day_by_the_market_s_clock(history: VolatilityHistory, world: World) -> None:
    for _ in range(3):
        history.before_today("SPY", IMPLIED)
        await history.refresh()
    assert world.asked == [SPY]
    world.market += timedelta(days=1)
    assert history.before_today("SPY", IMPLIED)[-1] == 2.0  # yesterday's value, until it is told anew
    await history.refresh()
    assert world.asked == [SPY, SPY]


async def test_a_restart_asks_no_second_time_on_one_day(
    history: VolatilityHistory, world: World, store: VolatilityStore
) -> None:
    history.before_today("SPY", IMPLIED)
    await history.refresh()
    again = restarted(world, store)
    again.before_today("SPY", IMPLIED)
    await again.refresh()
    assert world.asked == [SPY]
    assert again.before_today("SPY", IMPLIED).tolist() == history.before_today("SPY", IMPLIED).tolist()


async def test_the_kept_series_serves_while_no_other_can_be_had(
    history: VolatilityHistory, world: World, store: VolatilityStore
) -> None:
    history.before_today("SPY", IMPLIED)
    await history.refresh()
    world.market += timedelta(days=3)
    world.error = unavailable("gone", 1.0)
    again = restarted(world, store)
    again.before_today("SPY", IMPLIED)
    await again.refresh()
    assert len(again.before_today("SPY", IMPLIED)) == 252
    world.market += timedelta(days=5)
    assert len(again.before_today("SPY", IMPLIED)) == 0  # a series that ends a week ago says nothing of today


@pytest.mark.parametrize(
    ("error", "pause"),
    [(unavailable("gone", 1.0), 60), (quota_exceeded("history", "used up", 400.0), 400)],
)
async def test_what_may_pass_is_tried_again_while_somebody_wants_it(
    history: VolatilityHistory, world: World, error: MeshError, pause: float
) -> None:
    world.error = error
    history.before_today("SPY", IMPLIED)
    await history.refresh()
    world.monotonic += pause - 1
    assert history.before_today("SPY", IMPLIED) is NO_PAST  # nobody waits for it any more
    await history.refresh()
    assert world.asked == [SPY]
    world.monotonic += 1
    world.error = None
    await history.refresh()
    assert world.asked == [SPY, SPY]
    assert len(history.before_today("SPY", IMPLIED)) == 252


@pytest.mark.parametrize(
    "error", [not_found("history", "SPY", "none"), failed_precondition("IB_354", "a", "b")]
)
async def test_what_ib_has_not_is_not_asked_for_again_that_day(
    history: VolatilityHistory, world: World, error: MeshError
) -> None:
    world.error = error
    for _ in range(5):
        history.before_today("SPY", IMPLIED)
        await history.refresh()
        world.monotonic += 10_000
    assert world.asked == [SPY]
    world.market += timedelta(days=1)
    await history.refresh()
    assert world.asked == [SPY, SPY]


async def test_what_nobody_looks_at_any_more_is_dropped(history: VolatilityHistory, world: World) -> None:
    history.before_today("SPY", IMPLIED)
    await history.refresh()
    world.market += timedelta(days=1)
    await history.refresh()
    assert world.asked == [SPY]
    assert "0 of 0" in repr(history)
    history.before_today("SPY", IMPLIED)
    await history.refresh()
    assert world.asked == [SPY, SPY]


async def test_without_a_market_time_nothing_is_asked_for(store: VolatilityStore, world: World) -> None:
    history = VolatilityHistory(world.fetch, store, market_now=lambda: math.nan, monotonic=lambda: 0.0)
    assert history.before_today("SPY", IMPLIED) is None
    await history.refresh()
    assert world.asked == []


async def test_its_task_ends_in_the_middle_of_a_request(history: VolatilityHistory, world: World) -> None:
    asked = asyncio.Event()

    async def never(symbol: str, _kind: VolatilityKind) -> DailySeries:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError(symbol)

    history._fetch = never
    task = asyncio.create_task(history.run())
    await asyncio.sleep(0)
    assert history.before_today("SPY", IMPLIED) is None
    async with asyncio.timeout(5):
        await asked.wait()
    assert history.before_today("SPY", IMPLIED) is None  # a scan goes on without
    task.cancel()
    assert await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
