"""Orders from their placing to their end, as an unmodified ib_insync sees them."""

import ib_insync as ibi

from tests.tws_sim.orders.floor import bag, floor


def states(trade: ibi.Trade) -> list[str]:
    """The states in their order, each once."""
    found: list[str] = []
    for entry in trade.log:
        if not found or found[-1] != entry.status:
            found.append(entry.status)
    return found


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
        spread = bag((short, -1), (long, 1))
        trade = await one.place(spread, ibi.LimitOrder("BUY", 2, -4.80))
        assert states(trade) == ["PendingSubmit", "PreSubmitted", "Submitted", "Filled"]
        assert trade.orderStatus.avgFillPrice == -4.90
        done = [one.execution for one in trade.fills]
        assert [(one.execId[-6:], one.side, one.price, one.shares) for one in done] == [
            (".01.01", "BOT", -4.90, 2),
            (".02.01", "SLD", 10.00, 2),
            (".03.01", "BOT", 5.10, 2),
        ]
        assert [one.contract.secType for one in trade.fills] == ["BAG", "OPT", "OPT"]
        assert [f.commissionReport.commission for f in trade.fills] == [0, 1.30, 1.30]
        assert trade.fills[0].contract.conId == 28812380
        held = {one.item.con_id: one.quantity for one in market.bench.gateway.account.positions()}
        assert held == {short.conId: -2, long.conId: 2}


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
        one.ib.cancelOrder(trade.order)
        await one.settle()
        assert one.codes() == [202, 10148]
