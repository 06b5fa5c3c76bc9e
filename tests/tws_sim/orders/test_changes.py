"""Orders that are changed, and those that cannot be."""

import copy

import ib_insync as ibi
import pytest

from tests.tws_sim.orders.floor import floor


async def test_price_and_quantity_change_under_the_same_numbers() -> None:
    async with floor() as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        trade = await one.place(call, ibi.LimitOrder("BUY", 1, 5.00))
        number = trade.order.permId
        trade.order.lmtPrice = 6.00
        await one.place(call, trade.order)
        assert trade.log[-1].message == "Modified"
        trade.order.totalQuantity = 4
        await one.place(call, trade.order)
        assert trade.orderStatus.remaining == 4
        assert (market.order(trade).quantity, market.order(trade).ticket.text("lmtPrice")) == (4, "6.0")
        trade.order.lmtPrice = 10.10
        await one.place(call, trade.order)
        assert (trade.orderStatus.status, trade.orderStatus.filled) == ("Filled", 4)
        assert trade.order.permId == number
        assert one.codes() == []


@pytest.mark.parametrize(("status", "code"), [("Filled", 104), ("Cancelled", 103)])
async def test_an_order_that_has_ended_is_not_changed(status: str, code: int) -> None:
    async with floor() as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        trade = await one.place(call, ibi.LimitOrder("BUY", 1, 10.10 if status == "Filled" else 5.00))
        if status == "Cancelled":
            one.ib.cancelOrder(trade.order)
            await one.settle()
        assert trade.orderStatus.status == status
        one.ib.client.placeOrder(trade.order.orderId, call, ibi.LimitOrder("BUY", 1, 6.00))
        await one.settle()
        assert one.codes()[-1] == code
        assert market.order(trade).status == status


async def test_a_change_of_contract_side_or_tick_leaves_the_order_as_it_is() -> None:
    async with floor() as market, market.trader() as one:
        call, other = await one.option(590), await one.option(600)
        market.quote(call, 9.90, 10.10)
        trade = await one.place(call, ibi.LimitOrder("BUY", 2, 5.00))
        for contract, order, code in (
            (other, ibi.LimitOrder("BUY", 2, 5.00), 105),
            (call, ibi.LimitOrder("SELL", 2, 15.00), 105),
            (call, ibi.LimitOrder("BUY", 2, 5.003), 110),
            (call, ibi.LimitOrder("BUY", 0, 5.00), 434),
        ):
            one.ib.client.placeOrder(trade.order.orderId, contract, order)
            await one.settle()
            assert one.codes()[-1] == code
        found = market.order(trade)
        assert (found.status, found.quantity, found.ticket.text("lmtPrice")) == ("Submitted", 2, "5.0")


@pytest.mark.parametrize(("quantity", "code"), [(3, 201), (10, 104)])
async def test_a_change_that_comes_too_late_is_refused(quantity: int, code: int) -> None:
    async with floor(ack_delay=1.0, fill_delay=0.75) as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10, size=quantity)
        trade = await one.place(call, ibi.LimitOrder("BUY", 10, 9.90), seconds=2)
        smaller = copy.copy(trade.order)
        smaller.totalQuantity = 2
        one.ib.client.placeOrder(trade.order.orderId, call, smaller)
        market.quote(call, 9.80, 9.90, size=quantity)
        await one.settle(1.25)
        assert one.codes() == [code]
        assert market.order(trade).quantity == 10


async def test_cancels_that_cannot_be() -> None:
    async with floor(ack_delay=1.0) as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        trade = await one.place(call, ibi.LimitOrder("BUY", 1, 5.00), seconds=3)
        one.ib.client.cancelOrder(trade.order.orderId, "")
        one.ib.client.cancelOrder(trade.order.orderId, "")
        await one.settle(3)
        assert one.codes() == [161, 202]
        one.ib.client.cancelOrder(trade.order.orderId, "")
        one.ib.client.cancelOrder(trade.order.orderId + 7, "")
        await one.settle()
        assert one.codes()[2:] == [10148, 10147]


async def test_an_order_can_be_executed_while_its_cancel_is_on_its_way() -> None:
    async with floor(ack_delay=1.0) as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        trade = await one.place(call, ibi.LimitOrder("BUY", 1, 9.95), seconds=3)
        one.ib.client.cancelOrder(trade.order.orderId, "")
        market.quote(call, 9.80, 9.90)
        await one.settle(3)
        assert trade.orderStatus.status == "Filled"
        assert [event.status for event in market.order(trade).history][-2:] == ["PendingCancel", "Filled"]
