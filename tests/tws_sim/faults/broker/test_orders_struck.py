"""What becomes of orders at a broker that errs."""

import ib_insync as ibi
import pytest

from tests.tws_sim.faults.broker.trading import Desk, desk
from tests.tws_sim.orders.floor import within
from tws_sim.account.account import START_CASH
from tws_sim.faults.fault import FaultError


def cash(one: Desk) -> float:
    return one.market.bench.gateway.account.balance().cash


async def test_a_rejected_order_is_error_201_and_inactive() -> None:
    async with desk() as one:
        await one.strike("order-rejected", count=1, reason="No")
        trade = await one.buy()
        assert one.one.codes() == [201]
        assert trade.orderStatus.status in {"Inactive", "Cancelled"}
        assert (one.live(), one.held()) == ([], {})
        assert (await one.buy()).orderStatus.status == "Filled"


async def test_an_accepted_order_outlives_a_connection_that_is_cut_before_any_report() -> None:
    async with desk() as one:
        await one.strike("accepted-then-cut", client=1)
        one.ib.placeOrder(one.low, ibi.LimitOrder("BUY", 1, 5.00, orderRef="mine"))
        await within(one.ib.reqCurrentTimeAsync())
        await one.market.settle(1)
        await one.market.bench.eventually(lambda: not one.ib.isConnected())
        assert one.told.names() == []
        assert one.live() == ["mine"]
        async with one.market.trader(1) as again:
            [found] = again.ib.openOrders()
            assert found.orderRef == "mine"
            trade = await again.place(one.low, ibi.LimitOrder("BUY", 1, 10.50))
            assert trade.orderStatus.status == "Filled"


async def test_a_modification_that_makes_a_second_order() -> None:
    async with desk() as one:
        await one.strike("two-perm-ids")
        trade = await one.buy(limit=5.00)
        trade.order.lmtPrice = 5.50
        one.ib.placeOrder(one.low, trade.order)
        await one.one.settle()
        assert one.live() == ["mine", "mine"]
        orders = one.market.engine.book.live()
        assert len({order.perm_id for order in orders}) == 2
        assert {order.order_id for order in orders} == {trade.order.orderId}
        assert [order.ticket.text("lmtPrice") for order in orders] == ["5.0", "5.5"]
        told = {fields[1] for fields in one.told.messages if fields[0] == "5"}
        assert told == {str(trade.order.orderId)}
        one.told.forget()
        first, second = await within(one.ib.reqAllOpenOrdersAsync())
        assert first is second  # the client takes them for one
        assert one.told.names().count("openOrder") == 2


async def test_while_the_link_is_broken_orders_wait_and_a_change_may_make_a_second_one() -> None:
    async with desk() as one:
        resting = await one.buy(limit=5.00)
        await one.strike("data-kept", seconds=10)
        await one.strike("two-perm-ids")
        one.told.forget()
        resting.order.lmtPrice = 10.50
        one.ib.placeOrder(one.low, resting.order)
        new = await one.buy(2, seconds=5)
        assert new.orderStatus.status == "PendingSubmit"
        assert (one.told.names(), one.held()) == ([], {})
        await one.one.settle(6)
        await one.one.settle()
        assert (new.orderStatus.status, one.held()) == ("Filled", {one.low.conId: 3})
        assert [order.ticket.text("lmtPrice") for order in one.market.engine.book.live()] == ["5.0"]


async def test_a_new_order_that_comes_twice_can_be_executed_twice() -> None:
    async with desk() as one:
        await one.strike("two-perm-ids", on="place")
        await one.buy(2)
        assert one.held() == {one.low.conId: 4}
        await one.buy(1)
        assert one.held() == {one.low.conId: 5}


async def test_a_cancel_that_comes_too_late() -> None:
    async with desk() as one:
        await one.strike("fill-races-cancel")
        trade = await one.buy(2, limit=5.00)
        one.ib.cancelOrder(trade.order)
        await one.one.settle()
        assert trade.orderStatus.filled == 2
        assert trade.fills[0].execution.price == 5.00
        assert one.held() == {one.low.conId: 2}
        assert one.one.codes() == [10148]
        names = one.told.names()
        assert names.index("execDetails") < names.index("error")
        statuses = [fields[2] for fields in one.told.messages if fields[0] == "3"]
        assert statuses[-2:] == ["PendingCancel", "Filled"]


async def test_a_cancel_that_comes_too_late_for_a_part() -> None:
    async with desk() as one:
        await one.strike("fill-races-cancel", quantity=1)
        trade = await one.one.place(one.spread, ibi.LimitOrder("BUY", 3, -5.50))
        one.ib.reqGlobalCancel()
        await one.one.settle()
        assert (trade.orderStatus.status, trade.orderStatus.filled) == ("Cancelled", 1)
        assert one.held() == {one.low.conId: -1, one.high.conId: 1}
        bought = {fill.contract.conId: fill.execution.price for fill in trade.fills}
        assert bought[one.high.conId] - bought[one.low.conId] == pytest.approx(-5.50)


async def test_a_correction_takes_the_place_of_what_was_executed() -> None:
    async with desk() as one:
        trade = await one.buy(5)
        await one.strike("correction", shares=4, price=10.20)
        await one.one.settle()
        first, second = (fill.execution for fill in trade.fills)
        assert (first.shares, first.price, second.shares, second.price) == (5, 10.10, 4, 10.20)
        assert first.execId[:-2] == second.execId[:-2]
        assert (first.execId[-2:], second.execId[-2:]) == ("01", "02")
        assert second.cumQty == trade.orderStatus.filled == 4
        assert trade.orderStatus.avgFillPrice == pytest.approx(10.20)
        assert one.held() == {one.low.conId: 4}
        assert cash(one) == pytest.approx(START_CASH - 4 * 1020 - 4 * 0.65)
        assert trade.fills[1].commissionReport.commission == pytest.approx(4 * 0.65)
        await one.strike("correction", price=10.15)
        await one.one.settle()
        assert trade.fills[2].execution.execId.endswith(".03")
        assert cash(one) == pytest.approx(START_CASH - 4 * 1015 - 4 * 0.65)
        assert [held.position for held in one.ib.positions()] == [4]


async def test_a_correction_of_one_leg_leaves_the_others() -> None:
    async with desk() as one:
        trade = await one.one.place(one.spread, ibi.LimitOrder("BUY", 2, -4.80))
        await one.strike("correction")
        await one.one.settle()
        assert [fill.execution.execId[-5:] for fill in trade.fills] == ["01.01", "02.01", "03.01", "03.02"]
        assert trade.fills[-1].execution.price == pytest.approx(5.11)
        assert one.held() == {one.low.conId: -2, one.high.conId: 2}


async def test_replayed_executions_are_the_same_and_count_once() -> None:
    async with desk() as one:
        await one.buy(2)
        trade = await one.buy(1)
        before = cash(one)
        told = [fields for fields in one.told.messages if fields[0] in {"11", "59"}]
        one.told.forget()
        await one.strike("replayed-executions", client=1)
        await one.one.settle()
        assert [fields for fields in one.told.messages if fields[0] in {"11", "59"}] == told
        assert (cash(one), one.held()) == (before, {one.low.conId: 3})
        one.told.forget()
        await one.strike("replayed-executions", latest=1)
        await one.one.settle()
        assert [fields[14] for fields in one.told.messages if fields[0] == "11"] == [
            trade.fills[0].execution.execId
        ]


@pytest.mark.parametrize("code", [105, 201, 321, 10148])
async def test_an_error_on_an_order_that_lives_on(code: int) -> None:
    async with desk() as one:
        trade = await one.buy(limit=5.00)
        await one.strike("error-on-live-order", order_ref="mine", code=code)
        await one.one.settle()
        assert one.one.errors[-1] == (trade.order.orderId, code)
        assert one.live() == ["mine"]
        assert [found.order.orderRef for found in await within(one.ib.reqAllOpenOrdersAsync())] == ["mine"]


async def test_an_error_on_orders_to_come_once_each() -> None:
    async with desk() as one:
        await one.strike("error-on-live-order", code=201, count=1)
        trade = await one.buy(limit=5.00)
        assert one.told.names()[:3] == ["openOrder", "orderStatus", "error"]
        await one.buy(limit=5.00)
        assert one.one.codes() == [201]
        assert one.live() == ["mine", "mine"]
        assert trade.orderStatus.status == "Submitted"  # by its later report


async def test_an_order_cancelled_in_tws() -> None:
    async with desk() as one:
        trade = await one.buy(limit=5.00)
        await one.strike("cancelled-by-hand", client=1)
        await one.one.settle()
        assert trade.orderStatus.status == "Cancelled"
        assert one.one.codes() == [202]
        assert one.live() == []


@pytest.mark.parametrize("name", ["cancelled-by-hand", "replayed-executions", "correction"])
async def test_without_such_an_order_it_cannot_happen(name: str) -> None:
    async with desk() as one:
        with pytest.raises(FaultError, match="there is no such order"):
            await one.strike(name, order_ref="mine")


async def test_an_order_id_that_goes_back_is_refused_or_changes_another_order() -> None:
    async with desk() as one:
        done, resting = await one.buy(), await one.buy(limit=5.00)
        used, live = done.order.orderId, resting.order.orderId
        one.ib.disconnect()
        await one.strike("next-order-id", value=used)
        async with one.market.trader(1) as again:
            await again.place(one.low, ibi.LimitOrder("BUY", 1, 10.50, orderId=used))
            assert again.codes() == [104]
            await again.place(one.low, ibi.LimitOrder("BUY", 1, 5.50, orderId=live))
            assert [order.ticket.text("lmtPrice") for order in one.market.engine.book.live()] == ["5.5"]


async def test_an_order_id_that_is_left_out_cannot_be_used_any_more() -> None:
    async with desk() as one:
        await one.strike("next-order-id", value=1000)
        await one.one.settle()
        await one.one.place(one.low, ibi.LimitOrder("BUY", 1, 5.00, orderId=1000))
        await one.one.place(one.low, ibi.LimitOrder("BUY", 1, 5.00, orderId=999))
        assert one.one.errors[-1] == (999, 103)


@pytest.mark.parametrize("name", ["two-perm-ids", "fill-races-cancel"])
async def test_requests_that_cannot_be_read_are_still_the_gateways_to_answer(name: str) -> None:
    async with desk() as one, one.market.bench.client(2) as wire:
        await one.strike(name)
        for fields in ((3,), (3, "x"), (3, 7, "x"), (4,), (4, 1), (4, 1, "x")):
            wire.send(*fields)
            told = [message[3] for message in await wire.settled() if message[0] == "4"]
            assert set(told) <= {"320", "10147"}
        assert (await one.buy()).orderStatus.status == "Filled"
