"""Books come on first use, stay for the day, and make room."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from mesh.errors import MeshError, unavailable
from scanner_server.feed.feed import Feed
from scanner_server.feed.market_clock import MarketClock
from scanner_server.feed.wanted import Wanted
from scanner_server.filters.spec import ScanSpec
from scanner_server.live.activity import Activity
from scanner_server.live.snapshots import SurfaceCadence
from scanner_server.live.underlying import LiveUnderlying
from scanner_server.live.underlyings import Underlyings
from scanner_server.snapshot.listed_chain import ListedChain
from tests.scanner_server.live.test_live_book import listed
from tests.scanner_server.scripted_market import NOON


class Chains:
    """Where chains come from: as many requests as were made, and a failure on demand."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.failure: MeshError | None = None

    async def fetch(self, symbol: str) -> ListedChain:
        self.asked.append(symbol)
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
        return listed([101, 102])


@pytest.fixture
def chains() -> Chains:
    return Chains()


@pytest.fixture
def clock() -> MarketClock:
    clock = MarketClock(lambda: 0.0)
    clock.answered(NOON)
    return clock


@pytest.fixture
def underlyings(chains: Chains, clock: MarketClock) -> Underlyings:
    feed = Feed(
        cast("Any", None),  # never run: no call is made
        Wanted(0.0, lambda: 0.0),
        clock,
        owner="test",
        credits_count=4,
        on_connected=lambda _: None,
        monotonic=lambda: 0.0,
    )
    executor = ThreadPoolExecutor(1)
    return Underlyings(
        chains.fetch,
        lambda chain: LiveUnderlying(chain, feed, executor, SurfaceCadence(), 1000, Activity(), lambda: 0.0),
        clock,
        limit=2,
    )


async def test_callers_share_one_request(underlyings: Underlyings, chains: Chains) -> None:
    first, second = await asyncio.gather(underlyings.get("A"), underlyings.get("A"))
    assert first is second
    assert await underlyings.get("A") is first
    assert chains.asked == ["A"]


async def test_a_caller_that_leaves_does_not_take_the_request_along(
    underlyings: Underlyings, chains: Chains
) -> None:
    leaving = asyncio.create_task(underlyings.get("A"))
    staying = asyncio.create_task(underlyings.get("A"))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).symbol == "ACME"
    assert chains.asked == ["A"]


async def test_a_chain_in_use_is_refreshed_on_a_new_day(
    underlyings: Underlyings, chains: Chains, clock: MarketClock
) -> None:
    book = await underlyings.get("A")
    await underlyings.get("B")
    with book.scanning(ScanSpec(), lambda: None):
        await underlyings.refresh()
        assert chains.asked == ["A", "B"]
        clock.answered(NOON + 12 * 3600)
        await underlyings.refresh()
    assert chains.asked == ["A", "B", "A"]
    assert await underlyings.get("A") is book


async def test_another_era_asks_again(underlyings: Underlyings, chains: Chains, clock: MarketClock) -> None:
    await underlyings.get("A")
    clock.restart()
    await underlyings.get("A")
    assert chains.asked == ["A", "A"]


async def test_the_last_chain_serves_where_the_next_cannot_be_had(
    underlyings: Underlyings, chains: Chains, clock: MarketClock
) -> None:
    book = await underlyings.get("A")
    clock.restart()
    chains.failure = unavailable("away", 1.0)
    assert await underlyings.get("A") is book
    with pytest.raises(MeshError):
        await underlyings.get("B")


async def test_the_idle_one_used_longest_ago_makes_room(underlyings: Underlyings, chains: Chains) -> None:
    for symbol in ("A", "B", "A", "C", "A", "B"):
        await underlyings.get(symbol)
    assert chains.asked == ["A", "B", "C", "B"]


async def test_no_room_where_all_are_in_use(underlyings: Underlyings) -> None:
    first, second = await underlyings.get("A"), await underlyings.get("B")
    with (
        first.scanning(ScanSpec(), lambda: None),
        second.scanning(ScanSpec(), lambda: None),
        pytest.raises(MeshError, match="RESOURCE_EXHAUSTED"),
    ):
        await underlyings.get("C")
    await underlyings.get("C")
