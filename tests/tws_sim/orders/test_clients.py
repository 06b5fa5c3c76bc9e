"""Who hears of which orders, and that orders belong to the account."""

import asyncio

import ib_insync as ibi

from tests.tws_sim.orders.floor import Trader, bag, floor, within
from tws_sim.gateway import Settings
from tws_sim.orders import by_hand


def heard(one: Trader) -> list[tuple[int, int, str]]:
    """Client, number and reference of every order a client knows."""
    return sorted(
        (trade.order.clientId, trade.order.orderId, trade.order.orderRef) for trade in one.ib.trades()
    )


async def test_clients_hear_of_their_own_orders_only() -> None:
    async with floor() as market, market.trader(1) as one, market.trader(2) as two:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        await one.place(call, ibi.LimitOrder("BUY", 1, 5.0, orderId=10, orderRef="one"))
        await two.place(call, ibi.LimitOrder("BUY", 1, 5.0, orderId=10, orderRef="two"))
        assert heard(one) == [(1, 10, "one")]
        assert heard(two) == [(2, 10, "two")]
        assert [trade.order.orderRef for trade in await within(two.ib.reqOpenOrdersAsync())] == ["two"]
        everyone = await within(two.ib.reqAllOpenOrdersAsync())
        assert sorted(trade.order.orderRef for trade in everyone) == ["one", "two"]
        two.ib.client.cancelOrder(11, "")
        await two.settle()
        assert two.codes() == [10147]
        two.ib.reqGlobalCancel()
        await two.settle()
        assert market.engine.book.live() == []
        assert 202 in one.codes()


async def test_the_master_client_hears_of_all() -> None:
    settings = Settings(master_client_id=7, message_rate=10_000)
    async with floor(settings) as market, market.trader(7) as master, market.trader(1) as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        await one.place(call, ibi.LimitOrder("BUY", 1, 10.10, orderRef="one"))
        await master.settle(0.125)
        (trade,) = master.ib.trades()
        assert (trade.order.clientId, trade.orderStatus.status) == (1, "Filled")
        assert len(trade.fills) == 1


async def test_orders_outlive_the_connection_that_placed_them() -> None:
    async with floor() as market:
        async with market.trader(1) as one:
            call = await one.option(590)
            market.quote(call, 9.90, 10.10)
            trade = await one.place(call, ibi.LimitOrder("BUY", 2, 9.00, tif="GTC", orderRef="kept"))
        await market.settle()
        market.quote(call, 8.80, 8.90, size=1)
        await market.settle(0.25)
        async with market.trader(1) as again:
            (found,) = again.ib.openTrades()
            assert (found.order.permId, found.order.orderRef) == (trade.order.permId, "kept")
            assert found.orderStatus.filled == 1
            assert [fill.execution.permId for fill in again.ib.fills()] == [trade.order.permId]
            await again.settle(2)
            assert found.orderStatus.status == "Filled"
        async with market.trader(1) as later:
            (done,) = [trade for trade in later.ib.trades() if trade.order.permId == found.order.permId]
            assert done.orderStatus.status == "Filled"
            assert later.ib.client.getReqId() > found.order.orderId


async def test_an_order_is_listed_before_it_is_acknowledged() -> None:
    async with floor(ack_delay=10) as market, market.trader(1) as one, market.trader(2) as two:
        call = await one.option(590)
        await one.place(call, ibi.LimitOrder("BUY", 1, 5.00, orderRef="taken"), seconds=0.125)
        await one.place(call, ibi.LimitOrder("BUY", 1, 5.00, orderRef="held", transmit=False), seconds=0.125)
        found = await within(two.ib.reqAllOpenOrdersAsync())
        assert [(trade.order.orderRef, trade.orderStatus.status) for trade in found] == [
            ("taken", "PendingSubmit")
        ]


async def test_orders_entered_by_hand_are_client_zeros() -> None:
    async with floor() as market, market.trader(0) as zero, market.trader(1) as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        form = by_hand.Placement(action="BUY", quantity=1, con_id=call.conId, limit="5.00")
        order = by_hand.place(market.engine, form)
        await zero.settle()
        (trade,) = zero.ib.trades()
        assert (trade.order.permId, trade.orderStatus.status) == (order.perm_id, "Submitted")
        assert trade.order.orderId < 0
        assert one.ib.trades() == []
        zero.ib.client.cancelOrder(trade.order.orderId, "")
        await zero.settle()
        assert order.status == "Cancelled"


async def test_orders_entered_by_hand_are_bound_when_client_zero_asks() -> None:
    async with floor() as market, market.trader(1) as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        order = by_hand.place(
            market.engine, by_hand.Placement(action="BUY", quantity=1, con_id=call.conId, limit="5.00")
        )
        await one.settle()
        (seen,) = await within(one.ib.reqAllOpenOrdersAsync())
        assert (seen.order.clientId, seen.order.orderId, seen.order.permId) == (0, 0, order.perm_id)
        second = by_hand.place(
            market.engine, by_hand.Placement(action="BUY", quantity=2, con_id=call.conId, limit="5.00")
        )
        await one.settle()
        async with market.trader(0) as zero:
            bound, other = zero.ib.openTrades()
            assert bound.order.orderId == order.order_id == -1
            assert other.order.orderId == second.order_id == -2
            by_hand.change(market.engine, by_hand.Change(perm_id=order.perm_id, limit="6.00"))
            await zero.settle()
            assert bound.order.lmtPrice == 6.0
            by_hand.cancel(market.engine, order.perm_id)
            await zero.settle()
            assert bound.orderStatus.status == "Cancelled"


async def test_executions_of_the_day_by_filter() -> None:
    async with floor() as market, market.trader(1) as one, market.trader(2) as two:
        low, high = await one.option(590), await one.option(600)
        market.quote(low, 10.00, 10.20)
        market.quote(high, 5.00, 5.10)
        await one.place(bag((low, 1), (high, -1)), ibi.LimitOrder("BUY", 1, 5.20, orderRef="spread"))
        await market.settle(60)
        await two.place(high, ibi.LimitOrder("SELL", 2, 5.00, orderRef="single"))
        for wanted, count in (
            (ibi.ExecutionFilter(), 4), (ibi.ExecutionFilter(clientId=1), 3),
            (ibi.ExecutionFilter(clientId=9), 0),
            (ibi.ExecutionFilter(side="SELL"), 2), (ibi.ExecutionFilter(secType="BAG"), 1),
            (ibi.ExecutionFilter(symbol="SPY", exchange="SMART", acctCode="DU4242424"), 4),
            (ibi.ExecutionFilter(symbol="AAPL"), 0), (ibi.ExecutionFilter(time="20261120 10:00:30"), 1),
            (ibi.ExecutionFilter(time="20261120-15:00:30"), 1),
        ):  # fmt: skip
            assert len(await within(one.ib.reqExecutionsAsync(wanted))) == count, wanted
        async with asyncio.timeout(5):
            fills = await two.ib.reqExecutionsAsync(ibi.ExecutionFilter(clientId=1))
        assert {fill.execution.orderRef for fill in fills} == {"spread"}
        assert sum(fill.commissionReport.commission for fill in fills) == 2.0


async def test_completed_orders_of_today_from_all_clients() -> None:
    async with floor() as market, market.trader(1) as one, market.trader(2) as two:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        await one.place(call, ibi.LimitOrder("BUY", 1, 10.10, orderRef="filled"))
        trade = await one.place(call, ibi.LimitOrder("BUY", 1, 5.00, orderRef="cancelled"))
        one.ib.cancelOrder(trade.order)
        form = by_hand.Placement(action="BUY", quantity=1, con_id=call.conId, limit="10.10")
        by_hand.place(market.engine, form)
        await one.settle()
        every = await within(two.ib.reqCompletedOrdersAsync(False))
        assert [(t.order.orderRef, t.orderStatus.status) for t in every] == [
            ("filled", "Filled"), ("cancelled", "Cancelled"), ("", "Filled"),
        ]  # fmt: skip
        assert every[1].order.permId == trade.order.permId
        assert every[0].order.filledQuantity == 1
        api = await within(two.ib.reqCompletedOrdersAsync(True))
        assert [t.order.orderRef for t in api] == ["filled", "cancelled"]
        await market.settle(0.125)
        market.bench.clock.advance(24 * 3600)
        assert await within(two.ib.reqCompletedOrdersAsync(False)) == []
        assert await within(two.ib.reqExecutionsAsync()) == []
