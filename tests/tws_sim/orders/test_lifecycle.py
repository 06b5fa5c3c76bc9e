"""Orders from their placing to their end, as an unmodified ib_insync sees them."""

import ib_insync as ibi
import pytest

from tests.tws_sim.orders.floor import bag, floor, states
from tws_sim.wire import executions, order_reports
from tws_sim.wire.framing import split_fields


async def test_a_marketable_limit_fills_at_the_ask() -> None:
    async with floor() as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        trade = await one.place(call, ibi.LimitOrder("BUY", 3, 10.50, orderRef="mine"))
        assert states(trade) == ["PendingSubmit", "PreSubmitted", "Submitted", "Filled"]
        assert (trade.orderStatus.filled, trade.orderStatus.remaining) == (3, 0)
        assert trade.orderStatus.avgFillPrice == 10.10
        (fill,) = trade.fills
        assert (fill.execution.price, fill.execution.shares, fill.execution.side) == (10.10, 3, "BOT")
        assert fill.execution.orderRef == "mine"
        assert fill.execution.execId.endswith(".01.01")
        assert fill.commissionReport.commission == 1.95
        assert one.codes() == []


async def test_a_credit_spread_bought_at_a_negative_price() -> None:
    async with floor() as market, market.trader() as one:
        short, long = await one.option(590), await one.option(600)
        market.quote(short, 10.00, 10.20)
        market.quote(long, 5.00, 5.10)
        trade = await one.place(bag((short, -1), (long, 1)), ibi.LimitOrder("BUY", 2, -4.80))
        assert states(trade) == ["PendingSubmit", "PreSubmitted", "Submitted", "Filled"]
        assert trade.orderStatus.avgFillPrice == -4.90
        done = [one.execution for one in trade.fills]
        assert [(one.execId[-6:], one.side, one.price, one.shares) for one in done] == [
            (".01.01", "BOT", -4.90, 2),
            (".02.01", "SLD", 10.00, 2),
            (".03.01", "BOT", 5.10, 2),
        ]
        assert [one.contract.secType for one in trade.fills] == ["BAG", "OPT", "OPT"]
        assert [fill.commissionReport.commission for fill in trade.fills] == [0, 1.30, 1.30]
        assert trade.fills[0].contract.conId == 28812380
        assert market.held() == {short.conId: -2, long.conId: 2}


async def test_four_legs_and_a_ratio_beside_shares() -> None:
    async with floor() as market, market.trader() as one:
        wings = ((560, "P"), (570, "P"), (610, "C"), (620, "C"))
        strikes = [await one.option(strike, right) for strike, right in wings]
        for contract, bid in zip(strikes, (2.00, 3.00, 3.10, 2.10), strict=True):
            market.quote(contract, bid, bid + 0.10)
        legs = list(zip(strikes, (1, -1, -1, 1), strict=True))
        condor = await one.place(bag(*legs), ibi.LimitOrder("BUY", 1, -1.80))
        assert condor.orderStatus.avgFillPrice == -1.80
        assert len(condor.fills) == 5
        share = ibi.Stock("SPY", "SMART", "USD", conId=756733)
        market.quote(share, 590.00, 590.02)
        market.quote(strikes[2], 3.10, 3.20)
        covered = await one.place(bag((share, 100), (strikes[2], -1)), ibi.LimitOrder("BUY", 1, 587.00))
        assert covered.orderStatus.avgFillPrice == 586.92  # a hundred shares count once in the price
        assert [fill.execution.shares for fill in covered.fills] == [1, 100, 1]


async def test_selling_a_combination_takes_the_other_sides() -> None:
    async with floor() as market, market.trader() as one:
        low, high = await one.option(590), await one.option(600)
        market.quote(low, 10.00, 10.20)
        market.quote(high, 5.00, 5.10)
        trade = await one.place(bag((low, 1), (high, -1)), ibi.LimitOrder("SELL", 1, 4.90))
        assert trade.orderStatus.avgFillPrice == 4.90
        assert [(fill.execution.side, fill.execution.price) for fill in trade.fills] == [
            ("SLD", 4.90),
            ("SLD", 10.00),
            ("BOT", 5.10),
        ]


async def test_a_limit_that_rests_is_cancelled() -> None:
    async with floor() as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        trade = await one.place(call, ibi.LimitOrder("BUY", 1, 5.00))
        assert trade.orderStatus.status == "Submitted"
        one.ib.cancelOrder(trade.order)
        await one.settle()
        assert states(trade)[-2:] == ["PendingCancel", "Cancelled"]
        assert one.codes() == [202]
        assert market.order(trade).history[-1].status == "Cancelled"


async def test_a_limit_that_rests_fills_when_the_market_comes_to_it() -> None:
    async with floor() as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        trade = await one.place(call, ibi.LimitOrder("BUY", 1, 9.95))
        assert trade.orderStatus.status == "Submitted"
        market.quote(call, 9.80, 9.94)
        await one.settle()
        assert (trade.orderStatus.status, trade.orderStatus.avgFillPrice) == ("Filled", 9.94)


async def test_displayed_sizes_bound_executions() -> None:
    async with floor() as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10, size=4)
        trade = await one.place(call, ibi.LimitOrder("BUY", 10, 10.10), seconds=0.375)
        assert (trade.orderStatus.status, trade.orderStatus.filled) == ("Submitted", 4)
        await one.settle(2)
        assert [fill.execution.shares for fill in trade.fills] == [4, 4, 2]
        assert [fill.execution.cumQty for fill in trade.fills] == [4, 8, 10]
        assert len({fill.execution.execId for fill in trade.fills}) == 3
        assert sum(fill.commissionReport.commission for fill in trade.fills) == pytest.approx(6.50)


async def test_the_average_is_that_of_all_executions() -> None:
    async with floor() as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10, size=1)
        trade = await one.place(call, ibi.LimitOrder("BUY", 4, 10.10), seconds=0.375)
        assert trade.orderStatus.filled == 1
        market.quote(call, 9.80, 9.90, size=3)
        await one.settle()
        assert (trade.orderStatus.avgFillPrice, trade.orderStatus.lastFillPrice) == (9.95, 9.90)
        assert [fill.execution.avgPrice for fill in trade.fills] == [10.10, 9.95]


async def test_two_orders_share_the_displayed_size() -> None:
    async with floor(fill_delay=0) as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10, size=5)
        orders = [ibi.LimitOrder("BUY", 3, 10.10) for _ in range(2)]
        trades = [one.ib.placeOrder(call, order) for order in orders]
        await one.settle(0.125)
        assert [trade.orderStatus.filled for trade in trades] == [3, 2]


async def test_what_is_not_executed_at_once_of_an_ioc_order_is_cancelled() -> None:
    async with floor() as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10, size=4)
        trade = await one.place(call, ibi.LimitOrder("BUY", 10, 10.10, tif="IOC"))
        assert (trade.orderStatus.status, trade.orderStatus.filled) == ("Cancelled", 4)
        away = await one.place(call, ibi.LimitOrder("BUY", 1, 5.00, tif="IOC"))
        assert (away.orderStatus.status, away.orderStatus.filled) == ("Cancelled", 0)


@pytest.mark.parametrize("order", [ibi.StopOrder("SELL", 1, 9.50), ibi.StopLimitOrder("SELL", 1, 9.30, 9.50)])
async def test_stops_wait_for_their_price(order: ibi.Order) -> None:
    async with floor() as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        trade = await one.place(call, order)
        assert (trade.orderStatus.status, trade.orderStatus.whyHeld) == ("PreSubmitted", "trigger")
        market.quote(call, 9.40, 9.60)
        await one.settle()
        assert states(trade)[-3:] == ["PreSubmitted", "Submitted", "Filled"]
        assert trade.orderStatus.avgFillPrice == 9.40


async def test_a_market_order_takes_what_there_is() -> None:
    async with floor() as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        trade = await one.place(call, ibi.MarketOrder("SELL", 2))
        assert (trade.orderStatus.status, trade.orderStatus.avgFillPrice) == ("Filled", 9.90)


async def test_what_is_closed_realizes_its_profit() -> None:
    async with floor() as market, market.trader() as one:
        call = await one.option(590)
        market.quote(call, 9.90, 10.10)
        opened = await one.place(call, ibi.LimitOrder("BUY", 2, 10.10))
        market.quote(call, 11.00, 11.20)
        closed = await one.place(call, ibi.LimitOrder("SELL", 2, 11.00))
        assert closed.fills[0].commissionReport.realizedPNL == pytest.approx(180 - 2 * 1.30)
        told = [split_fields(executions.commission(each)[4:]) for each in market.engine.book.executions]
        assert [fields[5] == order_reports.UNSET for fields in told] == [True, False]
        assert opened.fills[0].commissionReport.realizedPNL == 0  # the library's word for nothing


async def test_limits_between_mid_and_natural_are_taken_by_chance() -> None:
    async with floor(mid_fills=5.0) as market, market.trader() as one:
        low, high = await one.option(590), await one.option(600)
        market.quote(low, 10.00, 10.20)
        market.quote(high, 5.00, 5.10)
        below = await one.place(bag((low, 1), (high, -1)), ibi.LimitOrder("BUY", 1, 5.04), seconds=4)
        middle = await one.place(bag((low, 1), (high, -1)), ibi.LimitOrder("BUY", 1, 5.05), seconds=4)
        assert below.orderStatus.status == "Submitted"
        assert (middle.orderStatus.status, middle.orderStatus.avgFillPrice) == ("Filled", 5.05)
        prices = [fill.execution.price for fill in middle.fills[1:]]
        assert 10.00 <= prices[0] <= 10.20
        assert 5.00 <= prices[1] <= 5.10


async def test_an_unacknowledged_order_is_cancelled_before_it_was_anywhere() -> None:
    async with floor(ack_delay=10) as market, market.trader() as one:
        call = await one.option(590)
        trade = await one.place(call, ibi.LimitOrder("BUY", 1, 5.00), seconds=0.125)
        one.ib.cancelOrder(trade.order)
        await one.settle()
        assert trade.orderStatus.status == "ApiCancelled"
        assert market.engine.book.live() == []
