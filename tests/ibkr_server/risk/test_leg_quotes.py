"""Quotes of legs over real lines, on virtual time."""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from ibkr_server.risk.leg_quotes import HOLD_SECONDS, RENEW_SECONDS, WAIT_SECONDS
from ibkr_server.risk.prices import BidAsk
from tests import virtual_time
from tests.ibkr_server.risk.contracts import D
from tests.ibkr_server.risk.feed import Feed, feeding

LEGS = (100, 101, 200, 201)


def on_a_feed(test: Callable[[Feed], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Run a test with a feed of its own that quotes all legs."""

    @functools.wraps(test)
    def run() -> None:
        async def main() -> None:
            async with feeding() as feed:
                feed.quotes = dict.fromkeys(LEGS, (1.0, 1.05))
                await test(feed)

        virtual_time.run(main())

    del run.__wrapped__  # or pytest would look for a fixture called feed
    return run


async def seconds(waiting: Awaitable[None]) -> float:
    clock = asyncio.get_running_loop().time
    began = clock()
    await waiting
    return clock() - began


@on_a_feed
async def test_lines_are_taken_and_quotes_waited_for(feed: Feed) -> None:
    assert await seconds(feed.legs.wait(LEGS, 3.0)) < RENEW_SECONDS
    assert {con_id for _, con_id in feed.sent} == set(LEGS)
    quote = feed.legs.quote(100)
    assert isinstance(quote, BidAsk)
    assert (quote.bid, quote.ask) == (D("1.0"), D("1.05"))
    assert quote.age_seconds < 0.2


@on_a_feed
async def test_quotes_at_hand_are_not_waited_for(feed: Feed) -> None:
    await feed.legs.wait(LEGS, 3.0)
    assert await seconds(feed.legs.wait(LEGS, 3.0)) == 0.0
    assert len(feed.sent) == 4


@on_a_feed
async def test_without_quotes_the_wait_ends(feed: Feed) -> None:
    del feed.quotes[101]
    assert await seconds(feed.legs.wait(LEGS, 3.0)) == pytest.approx(WAIT_SECONDS)
    assert feed.legs.quote(101) == "there is no quote of it"
    assert isinstance(feed.legs.quote(100), BidAsk)


@on_a_feed
async def test_a_quote_that_comes_late_ends_the_wait(feed: Feed) -> None:
    del feed.quotes[101]
    waiting = asyncio.create_task(seconds(feed.legs.wait(LEGS, 3.0)))
    await asyncio.sleep(1.0)
    feed.quotes[101] = (2.0, 2.1)
    feed.tell(101)
    assert await waiting == pytest.approx(1.0)
    assert feed.sent.count(("start", 101)) == 1


@on_a_feed
async def test_a_quiet_contract_is_asked_for_anew(feed: Feed) -> None:
    await feed.legs.wait(LEGS, 3.0)
    await asyncio.sleep(20.0)
    feed.sent.clear()
    for con_id in (101, 200, 201):
        feed.tell(con_id)
    quote = feed.legs.quote(100)
    assert isinstance(quote, BidAsk)
    assert quote.age_seconds > 20
    assert RENEW_SECONDS < await seconds(feed.legs.wait(LEGS, 3.0)) < 1.0
    assert feed.sent == [("stop", 100), ("start", 100)]
    renewed = feed.legs.quote(100)
    assert isinstance(renewed, BidAsk)
    assert renewed.age_seconds < 1.0


@on_a_feed
async def test_a_line_that_stays_silent_leaves_an_old_quote(feed: Feed) -> None:
    await feed.legs.wait(LEGS, 3.0)
    await asyncio.sleep(20.0)
    feed.quotes.clear()
    await feed.legs.wait(LEGS, 3.0)
    quote = feed.legs.quote(100)
    assert isinstance(quote, BidAsk)
    assert quote.age_seconds > 20


@on_a_feed
async def test_lines_are_kept_as_long_as_a_preview_holds(feed: Feed) -> None:
    await feed.legs.wait(LEGS, 3.0)
    await asyncio.sleep(HOLD_SECONDS - 1)
    await feed.legs.wait([100], 3.0)
    await asyncio.sleep(2)
    kept = {lease.con_id for lease in feed.lines.book if lease.owners}
    assert kept == {100}
    await asyncio.sleep(HOLD_SECONDS)
    assert not any(lease.owners for lease in feed.lines.book)


@on_a_feed
async def test_legs_go_before_all_others(feed: Feed) -> None:
    for con_id in range(1000, 1100):
        feed.quotes[con_id] = (1.0, 1.1)
        feed.lines.want("scanner", con_id, 40)
    await asyncio.sleep(10.0)
    assert feed.lines.book.in_use == 100
    assert await seconds(feed.legs.wait(LEGS, 3.0)) < 1.0
    assert all(isinstance(feed.legs.quote(con_id), BidAsk) for con_id in LEGS)


@on_a_feed
async def test_what_the_gateway_refuses_is_told_in_its_words(feed: Feed) -> None:
    feed.refused[100] = 354
    await feed.legs.wait(LEGS, 3.0)
    assert feed.legs.quote(100) == "not subscribed (IB code 354)"


@on_a_feed
async def test_a_stale_quote_is_no_quote(feed: Feed) -> None:
    await feed.legs.wait(LEGS, 3.0)
    feed.board.flag_one(100)
    assert feed.legs.quote(100) == "its quote is stale"


@on_a_feed
async def test_delayed_quotes_are_none(feed: Feed) -> None:
    feed.origin = 3
    await feed.legs.wait([100], 3.0)
    assert "delayed" in str(feed.legs.quote(100))


@pytest.mark.parametrize(
    ("bid", "ask", "problem"),
    [
        (-1.0, 1.05, "it has no bid and ask"),
        (1.0, -1.0, "it has no bid and ask"),
        (0.0, 0.0, "it has no bid and ask"),
        (1.1, 1.05, "its bid, 1.1, is above its ask, 1.05"),
        (0.0, 0.05, ""),
        (1.05, 1.05, ""),
    ],
)
def test_both_sides_are_needed(bid: float, ask: float, problem: str) -> None:
    async def main() -> None:
        async with feeding() as feed:
            feed.quotes[100] = (bid, ask)
            await feed.legs.wait([100], 3.0)
            quote = feed.legs.quote(100)
            assert quote == problem if problem else isinstance(quote, BidAsk)

    virtual_time.run(main())


def test_a_full_book_leaves_no_quote() -> None:
    async def main() -> None:
        async with feeding() as feed:
            for con_id in range(1000, 1200):
                feed.lines.want("scanner", con_id, 40)
            await feed.legs.wait([100], 3.0)
            assert feed.legs.quote(100) == "there is no quote of it"
            await asyncio.sleep(HOLD_SECONDS + 1)

    virtual_time.run(main())
