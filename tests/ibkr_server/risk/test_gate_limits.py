"""Every limit at its bound and one step beyond."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from ibkr_server.orders.order import OrderState
from ibkr_server.orders.spec import Bracket, OrderType
from ibkr_server.risk.limits import Limits
from ibkr_server.risk.rules import duplicated
from tests.ibkr_server.risk.contracts import VERTICAL, D, order
from tests.ibkr_server.risk.desk import ALICE, BOB, Desk, at_a_desk, live

DEBIT = order("1.20", *VERTICAL)
"""Mid is 1.20, natural 1.30."""
REVERSED = order("-1.20", (100, -1), (101, 1))


@at_a_desk("")
async def test_quantity_ten_passes_and_eleven_does_not(desk: Desk) -> None:
    assert await desk.refusals(replace(DEBIT, quantity=10)) == []
    assert await desk.refusals(replace(DEBIT, quantity=11)) == ["MAX_QUANTITY"]


@at_a_desk("*: max_quantity=1000")
async def test_a_loss_of_5000_dollars_passes_and_a_cent_more_does_not(desk: Desk) -> None:
    desk.feed.quotes |= {100: (10.0, 10.0), 101: (5.0, 5.0)}
    assert await desk.refusals(order("5.00", *VERTICAL, quantity=10)) == []
    assert await desk.refusals(order("5.01", *VERTICAL, quantity=10)) == ["MAX_LOSS"]


@at_a_desk("*: max_loss=380")
async def test_the_loss_of_a_credit_is_its_width_less_the_credit(desk: Desk) -> None:
    assert await desk.refusals(REVERSED) == []
    assert await desk.refusals(replace(REVERSED, limit_price=D("-1.19"))) == ["MAX_LOSS"]


@at_a_desk("")
async def test_a_loss_without_limit_is_refused(desk: Desk) -> None:
    assert await desk.refusals(order("-3.15", (100, -1))) == ["MAX_LOSS"]


@at_a_desk("*: max_loss=unlimited")
async def test_unless_no_limit_is_set(desk: Desk) -> None:
    assert await desk.refusals(order("-3.15", (100, -1))) == []


@pytest.mark.parametrize(("limit", "ok"), [("1.32", True), ("1.33", False), ("1.08", True), ("1.07", False)])
def test_the_collar_is_a_tenth_of_mid_to_both_sides(limit: str, ok: bool) -> None:
    @at_a_desk()
    async def check(desk: Desk) -> None:
        found = await desk.refusals(order(limit, *VERTICAL))
        assert found == ([] if ok else ["COLLAR"])

    check()


@pytest.mark.parametrize(("limit", "ok"), [("0.13", True), ("0.14", False), ("0.07", True), ("0.06", False)])
def test_the_collar_is_three_ticks_where_mid_is_small(limit: str, ok: bool) -> None:
    @at_a_desk()
    async def check(desk: Desk) -> None:
        desk.feed.quotes |= {100: (2.10, 2.10), 101: (2.00, 2.00)}
        found = await desk.refusals(order(limit, *VERTICAL))
        assert found == ([] if ok else ["COLLAR"])

    check()


@at_a_desk()
async def test_a_sign_that_was_forgotten_is_outside_the_collar(desk: Desk) -> None:
    assert await desk.refusals(replace(REVERSED, limit_price=D("1.20"))) == ["COLLAR"]


@at_a_desk()
async def test_a_quote_three_seconds_old_passes_and_an_older_one_does_not(desk: Desk) -> None:
    token = (await desk.preview(DEBIT)).token
    desk.feed.tell(100)
    desk.feed.tell(101)
    desk.feed.quotes.clear()  # a new subscription brings nothing
    await asyncio.sleep(3.0)
    assert await desk.refusals(DEBIT, token=token) == []
    await asyncio.sleep(0.001)
    assert await desk.refusals(DEBIT, token=token) == ["QUOTE_AGE"]


@at_a_desk()
async def test_without_a_quote_it_is_refused(desk: Desk) -> None:
    del desk.feed.quotes[101]
    assert await desk.refusals(DEBIT) == ["NO_QUOTE"]


@at_a_desk("")
async def test_five_orders_in_ten_seconds_pass_and_a_sixth_does_not(desk: Desk) -> None:
    await desk.place(DEBIT)
    first_at = desk.feed.clock()
    for _ in range(4):
        await desk.place(DEBIT)
    assert "ORDERS_PER_10S" in await desk.refusals(DEBIT)
    await asyncio.sleep(first_at + 9.9 - desk.feed.clock())
    desk.feed.tell(100)
    desk.feed.tell(101)
    assert "ORDERS_PER_10S" in await desk.refusals(DEBIT)
    await asyncio.sleep(first_at + 10.001 - desk.feed.clock())
    assert await desk.refusals(DEBIT) == []


@at_a_desk("account DU1: orders_per_10s=6")
async def test_the_orders_of_all_clients_count_for_the_account(desk: Desk) -> None:
    for caller in (ALICE, BOB, ALICE, BOB, ALICE, BOB):
        await desk.place(DEBIT, caller)
    assert await desk.refusals(DEBIT, ALICE) == ["ORDERS_PER_10S"]


@at_a_desk("*: orders_per_10s=9; client alice: orders_per_10s=2")
async def test_a_client_has_a_window_of_its_own(desk: Desk) -> None:
    await desk.place(DEBIT)
    await desk.place(DEBIT)
    assert await desk.refusals(DEBIT) == ["ORDERS_PER_10S"]
    assert await desk.refusals(DEBIT, BOB) == []


@at_a_desk("")
async def test_what_was_refused_does_not_count(desk: Desk) -> None:
    for _ in range(9):
        assert await desk.refusals(replace(DEBIT, quantity=11)) == ["MAX_QUANTITY"]
    assert await desk.refusals(DEBIT) == []


@at_a_desk()
async def test_fifteen_live_orders_of_a_contract_and_side_and_no_sixteenth(desk: Desk) -> None:
    desk.live = [live(DEBIT, f"c{n}") for n in range(14)]
    desk.live += [live(DEBIT, "done", state=OrderState.FILLED), live(REVERSED, "other side")]
    assert await desk.refusals(DEBIT) == []
    await asyncio.sleep(11.0)
    desk.live.append(live(replace(DEBIT, account="DU1"), "c14"))
    assert await desk.refusals(DEBIT) == ["LIVE_ORDERS"]
    assert await desk.refusals(REVERSED) == []
    desk.live += [live(DEBIT, f"more{n}") for n in range(5)]
    assert await desk.refusals(REVERSED) == []


@at_a_desk()
async def test_exits_count_on_the_other_side(desk: Desk) -> None:
    desk.live = [live(REVERSED, f"c{n}", parent="entry") for n in range(14)]
    assert await desk.refusals(DEBIT) == []
    one, two = Bracket(D("2.00")), Bracket(D("2.00"), D("0.50"))
    assert await desk.refusals(replace(DEBIT, bracket=one)) == []
    assert await desk.refusals(replace(DEBIT, bracket=two)) == ["LIVE_ORDERS"]


@at_a_desk()
async def test_orders_that_pass_at_once_can_not_all_be_the_fifteenth(desk: Desk) -> None:
    desk.live = [live(DEBIT, f"c{n}") for n in range(14)]
    token = (await desk.preview(DEBIT)).token
    both = await asyncio.gather(*(desk.refusals(DEBIT, token=token) for _ in range(2)))
    assert sorted(both) == [[], ["LIVE_ORDERS"]]


@at_a_desk("*: live_orders=3")
async def test_an_order_that_is_live_and_lately_placed_counts_once(desk: Desk) -> None:
    for name in ("a", "b", "c"):
        assert await desk.refusals(DEBIT) == []
        desk.live.append(live(DEBIT, name))
        await asyncio.sleep(0.1)
    assert await desk.refusals(DEBIT) == ["LIVE_ORDERS"]


@at_a_desk("*: orders_per_10s=1; account DU1: orders_per_10s=9")
async def test_what_has_passed_counts_before_it_is_placed(desk: Desk) -> None:
    token = (await desk.preview(DEBIT)).token
    options = {"allow_duplicate": True, "live_orders": [], "replacing": None}
    await desk.gate.check(DEBIT, ALICE, token, **options)
    limited = desk.gate.limits(ALICE, "DU1")
    assert [state.used for state in limited if state.name == "ORDERS_PER_10S"] == [1]
    desk.gate.placed(DEBIT, ALICE)
    limited = desk.gate.limits(ALICE, "DU1")
    assert [state.used for state in limited if state.name == "ORDERS_PER_10S"] == [1]


@at_a_desk()
async def test_an_identical_spread_within_two_seconds_must_be_meant(desk: Desk) -> None:
    token = (await desk.preview(DEBIT)).token
    await desk.place(DEBIT, token=token, allow_duplicate=False)
    await asyncio.sleep(1.99)
    other_price = replace(DEBIT, limit_price=D("1.19"), legs=DEBIT.legs[::-1])
    token_of_other = (await desk.preview(other_price)).token
    assert await desk.refusals(other_price, token=token_of_other, allow_duplicate=False) == ["DUPLICATE"]
    assert await desk.refusals(REVERSED, allow_duplicate=False) == []
    await asyncio.sleep(0.02)
    assert await desk.refusals(other_price, token=token_of_other, allow_duplicate=False) == []


@at_a_desk()
async def test_one_that_was_not_sent_is_no_duplicate_of_its_second_try(desk: Desk) -> None:
    token = (await desk.preview(DEBIT)).token
    options = {"allow_duplicate": False, "live_orders": [], "replacing": None}
    await desk.gate.check(DEBIT, ALICE, token, **options)
    desk.gate.withdrawn(DEBIT, ALICE)
    await desk.gate.check(DEBIT, ALICE, token, **options)
    limited = desk.gate.limits(ALICE, "DU1")
    assert [state.used for state in limited if state.name == "ORDERS_PER_10S"] == [1]
    desk.gate.placed(DEBIT, ALICE)
    desk.gate.withdrawn(REVERSED, ALICE)
    desk.gate.withdrawn(DEBIT, BOB)
    assert await desk.refusals(DEBIT, token=token, allow_duplicate=False) == ["DUPLICATE"]


def test_two_seconds_are_enough_and_no_less() -> None:
    assert duplicated(2.0, Limits()) is None
    assert duplicated(1.9999, Limits()) is not None
    assert duplicated(0.0, replace(Limits(), duplicate_seconds=D(0))) is None


@at_a_desk()
async def test_an_identical_spread_that_is_meant_passes(desk: Desk) -> None:
    await desk.place(DEBIT)
    assert await desk.refusals(DEBIT, allow_duplicate=True) == []


@pytest.mark.parametrize(
    ("pnl", "found"),
    [("-999.99", []), ("-1000", ["DAILY_LOSS"]), ("500", []), (None, ["DAILY_LOSS"])],
)
def test_a_day_that_lost_its_limit_ends_placing(pnl: str | None, found: list[str]) -> None:
    @at_a_desk("*: daily_loss=1000")
    async def check(desk: Desk) -> None:
        if pnl is not None:
            desk.pnl["DU1"] = Decimal(pnl)
        assert await desk.refusals(DEBIT) == found
        assert len(desk.alerts) == (pnl == "-1000")

    check()


@at_a_desk()
async def test_market_orders_are_refused(desk: Desk) -> None:
    market = order(None, *VERTICAL, kind=OrderType.MARKET)
    assert await desk.refusals(market) == ["MARKET_ORDERS"]


@at_a_desk("*: max_loss=130", allow_market_orders=True)
async def test_where_they_are_allowed_they_may_lose_what_natural_costs(desk: Desk) -> None:
    market = order(None, *VERTICAL, kind=OrderType.MARKET)
    assert await desk.refusals(market) == []
    desk.feed.quotes[100] = (3.10, 3.21)
    desk.feed.tell(100)
    assert await desk.refusals(market) == ["MAX_LOSS"]
