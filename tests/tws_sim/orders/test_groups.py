"""Brackets and OCA groups."""

import ib_insync as ibi
import pytest

from tests.tws_sim.orders.floor import Trader, floor

Placed = tuple[ibi.Trade, ibi.Trade, ibi.Trade]


async def bracket(one: Trader, call: ibi.Contract, entry: float) -> Placed:
    """A parent with a limit and a stop, the last of which transmits all three."""
    orders = one.ib.bracketOrder("BUY", 2, entry, 12.00, 8.00)
    parent, profit, loss = (one.ib.placeOrder(call, order) for order in orders)
    await one.settle()
    return parent, profit, loss


def now(trades: Placed) -> list[str]:
    return [trade.orderStatus.status for trade in trades]


async def test_nothing_is_worked_before_the_last_child_is_transmitted() -> None:
    async with floor() as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        orders = one.ib.bracketOrder("BUY", 2, 10.10, 12.00, 8.00)
        held = [one.ib.placeOrder(call, order) for order in orders[:2]]
        await one.settle(3)
        assert {order.status for order in market.engine.book.live()} == {"ApiPending"}
        last = one.ib.placeOrder(call, orders[2])
        await one.settle()
        assert now((*held, last)) == ["Filled", "Submitted", "PreSubmitted"]


async def test_children_wait_for_the_parent_and_one_ends_the_other() -> None:
    async with floor() as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        trades = await bracket(one, call, 9.50)
        assert now(trades) == ["Submitted", "PreSubmitted", "PreSubmitted"]
        assert [trade.orderStatus.whyHeld for trade in trades] == ["", "child", "child"]
        market.quote(call, 9.40, 9.50)
        await one.settle()
        assert now(trades) == ["Filled", "Submitted", "PreSubmitted"]
        assert trades[2].orderStatus.whyHeld == "trigger"
        market.quote(call, 12.00, 12.20)
        await one.settle()
        assert now(trades) == ["Filled", "Filled", "Cancelled"]
        assert market.held() == {}


async def test_the_stop_of_a_bracket() -> None:
    async with floor() as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        trades = await bracket(one, call, 10.10)
        market.quote(call, 7.90, 8.10)
        await one.settle()
        assert now(trades) == ["Filled", "Cancelled", "Filled"]
        assert trades[2].orderStatus.avgFillPrice == 7.90


async def test_cancelling_the_parent_cancels_the_children() -> None:
    async with floor() as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        trades = await bracket(one, call, 9.50)
        one.ib.cancelOrder(trades[0].order)
        await one.settle()
        assert now(trades) == ["Cancelled"] * 3
        assert market.engine.book.live() == []


async def test_children_of_a_parent_cancelled_in_part_live_on_for_what_was_executed() -> None:
    async with floor(fill_delay=60) as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10, size=1)
        trades = await bracket(one, call, 10.10)
        await one.settle(61)
        assert trades[0].orderStatus.filled == 1
        one.ib.cancelOrder(trades[0].order)
        await one.settle()
        assert now(trades) == ["Cancelled", "Submitted", "PreSubmitted"]
        assert [market.order(trade).quantity for trade in trades[1:]] == [1, 1]


async def test_a_child_of_nobody_is_refused() -> None:
    async with floor() as market, market.trader() as one:
        call = await one.option(590)
        await one.place(call, ibi.LimitOrder("SELL", 1, 12.0, parentId=4711))
        assert one.codes() == [135]
        assert market.engine.book.orders == {}


@pytest.mark.parametrize(("kind", "left"), [(1, []), (2, [6, 3]), (3, [6, 3])])
async def test_an_execution_in_an_oca_group_ends_or_reduces_the_others(kind: int, left: list[int]) -> None:
    async with floor(fill_delay=0) as market, market.trader() as one:
        first, second, third = [await one.option(strike) for strike in (580, 590, 600)]
        for call in (first, second, third):
            market.quote(call, 9.90, 10.10)
        market.quote(first, 9.90, 10.10, size=4)
        orders = [ibi.LimitOrder("BUY", size, price) for size, price in ((10, 10.10), (10, 5.00), (5, 5.00))]
        one.ib.oneCancelsAll(orders, "group", kind)
        calls = (first, second, third)
        trades = [one.ib.placeOrder(call, order) for call, order in zip(calls, orders, strict=True)]
        await one.settle(0.125)
        assert trades[0].orderStatus.filled == 4
        others = [market.order(trade) for trade in trades[1:]]
        assert [order.quantity for order in others if not order.done] == left
        assert all(order.status == "Cancelled" for order in others) == (kind == 1)


@pytest.mark.parametrize(("kind", "both"), [(1, False), (2, False), (3, True)])
async def test_only_a_group_without_a_block_can_be_executed_twice_at_once(kind: int, both: bool) -> None:
    async with floor(fill_delay=0) as market, market.trader() as one:
        first, second = await one.option(580), await one.option(590)
        market.quote(first, 9.90, 10.10)
        market.quote(second, 9.90, 10.10)
        orders = [ibi.LimitOrder("BUY", 1, 10.10) for _ in range(2)]
        one.ib.oneCancelsAll(orders, "group", kind)
        trades = [one.ib.placeOrder(call, order) for call, order in zip((first, second), orders, strict=True)]
        await one.settle()
        assert trades[0].orderStatus.status == "Filled"
        assert (trades[1].orderStatus.status == "Filled") == both
