"""What an account holds, and what its orders close, in the largest loss of another."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from ibkr_server.risk.holdings import MOST_POSITIONS
from tests.ibkr_server.risk.contracts import D, option, order
from tests.ibkr_server.risk.desk import Desk, at_a_desk, live

FULL = order("3.15", (100, 1))
SHORT = order("-3.15", (100, -1))


@at_a_desk()
async def test_positions_count_as_they_are_once_quotes_are_there(desk: Desk) -> None:
    del desk.feed.quotes[100]
    checking = asyncio.create_task(desk.refusals(SHORT))
    await asyncio.sleep(1.0)
    desk.held = [(100, 1)]
    desk.feed.quotes[100] = (3.10, 3.20)
    desk.feed.tell(100)
    assert await checking == []


@at_a_desk()
async def test_what_a_replaced_order_has_sold_is_not_sold_again(desk: Desk) -> None:
    desk.held = [(100, 1)]
    half = live(replace(SHORT, quantity=2), "half", filled=Decimal(1))
    desk.live = [half]
    assert await desk.refusals(replace(half.spec, limit_price=D("-3.14")), replacing=half) == []
    assert await desk.refusals(replace(half.spec, quantity=3), replacing=half) == ["MAX_LOSS"]


HOLDINGS = {
    "nothing": ([], ["MAX_LOSS"]),
    "what is sold": ([(100, 1)], []),
    "a part of it": ([(100, 1), (101, 1)], []),
    "shares that cover it": ([(1, 100)], []),
    "too few shares": ([(1, 99)], ["MAX_LOSS"]),
    "a spread that it is the long leg of": ([(100, 1), (101, -1)], ["MAX_LOSS"]),
    "an unknown number": (None, ["MAX_LOSS"]),
}


@pytest.mark.parametrize("name", HOLDINGS)
def test_to_sell_a_call_takes_cover(name: str) -> None:
    @at_a_desk()
    async def check(desk: Desk) -> None:
        desk.held, found = HOLDINGS[name]
        assert await desk.refusals(SHORT) == found

    check()


@at_a_desk()
async def test_what_another_order_closes_covers_nothing_more(desk: Desk) -> None:
    desk.held = [(100, 1)]
    desk.live = [live(SHORT, "closing")]
    assert await desk.refusals(SHORT) == ["MAX_LOSS"]
    assert await desk.refusals(replace(SHORT, limit_price=D("-3.16")), replacing=desk.live[0]) == []
    desk.live = [live(replace(SHORT, account="DU1"), "closing by name")]
    assert await desk.refusals(SHORT) == ["MAX_LOSS"]
    desk.live = [live(FULL, "opening")]
    assert await desk.refusals(SHORT) == []
    desk.live = [live(SHORT, "filled in part", filled=Decimal(1))]
    assert await desk.refusals(SHORT) == []


@at_a_desk("*: max_loss=300")
async def test_orders_that_close_more_than_there_is_are_not_held_short(desk: Desk) -> None:
    desk.held = [(100, 1)]
    desk.live = [live(replace(SHORT, quantity=2), "closing twice")]
    assert await desk.refusals(FULL) == ["MAX_LOSS"]


@at_a_desk()
async def test_an_exit_closes_what_its_entry_has_opened(desk: Desk) -> None:
    desk.held = [(100, 1)]
    desk.live = [live(SHORT, "exit", parent="entry")]
    assert await desk.refusals(SHORT) == ["MAX_LOSS"]


@at_a_desk()
async def test_an_exit_of_more_than_its_entry_opens_is_naked(desk: Desk) -> None:
    profit = live(order("-3.20", (100, -1), quantity=2), "profit", parent="entry")
    assert await desk.refusals(replace(profit.spec, quantity=1), replacing=profit) == []
    assert await desk.refusals(replace(profit.spec, quantity=3), replacing=profit) == ["MAX_LOSS"]


@at_a_desk()
async def test_orders_of_other_accounts_take_nothing(desk: Desk) -> None:
    desk.accounts = ("DU1", "DU2")
    desk.held = [(100, 1)]
    desk.live = [live(replace(SHORT, account="DU2"), "elsewhere")]
    assert await desk.refusals(replace(SHORT, account="DU1")) == []


@at_a_desk()
async def test_positions_that_can_not_all_be_described_cover_nothing(desk: Desk) -> None:
    desk.held = [(100, 1), (104, 1)]
    assert await desk.refusals(SHORT) == []
    desk.unknown.add(103)
    desk.held = [(100, 1), (103, 1)]
    assert await desk.refusals(SHORT) == ["MAX_LOSS"]


@at_a_desk()
async def test_of_too_many_positions_none_covers(desk: Desk) -> None:
    desk.contracts |= {1000 + n: option(1000 + n, 700 + n, "C") for n in range(MOST_POSITIONS)}
    desk.held = [(100, 1)] + [(1000 + n, 1) for n in range(MOST_POSITIONS - 1)]
    assert await desk.refusals(SHORT) == []
    desk.held = [(100, 1)] + [(1000 + n, 1) for n in range(MOST_POSITIONS)]
    assert await desk.refusals(SHORT) == ["MAX_LOSS"]
