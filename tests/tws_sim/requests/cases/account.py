# ruff: noqa: N802 - the names are those of the requests
"""The account, its profit and its orders."""

import asyncio

import ib_insync as ibi

from tests.tws_sim.requests.desk import ACCOUNT, DEADLINE, Desk, case


@case
async def reqUserInfo(desk: Desk) -> None:
    async with asyncio.timeout(DEADLINE):
        await desk.ib.reqUserInfoAsync()
    assert desk.errors == []


@case
async def requestFA(desk: Desk) -> None:
    await desk.fails(321, desk.ib.requestFAAsync(1))


@case
async def replaceFA(desk: Desk) -> None:
    desk.ib.replaceFA(1, "<xml/>")
    await desk.fails(321)


@case
async def reqAccountSummary(desk: Desk) -> None:
    async with asyncio.timeout(DEADLINE):
        await desk.ib.reqAccountSummaryAsync()


@case
async def accountSummary(desk: Desk) -> None:
    values = {value.tag: value.value for value in await desk.ib.accountSummaryAsync()}
    assert float(values["NetLiquidation"]) == 1_000_000


@case
async def reqAccountUpdates(desk: Desk) -> None:
    async with asyncio.timeout(DEADLINE):
        await desk.ib.reqAccountUpdatesAsync(ACCOUNT)
    assert desk.ib.accountValues(ACCOUNT)


@case
async def reqAccountUpdatesMulti(desk: Desk) -> None:
    async with asyncio.timeout(DEADLINE):
        await desk.ib.reqAccountUpdatesMultiAsync(ACCOUNT)


@case
async def reqPnL(desk: Desk) -> None:
    found = desk.ib.reqPnL(ACCOUNT)
    await desk.until(lambda: found.dailyPnL == found.realizedPnL == 0)


@case
async def cancelPnL(desk: Desk) -> None:
    await reqPnL(desk)
    desk.ib.cancelPnL(ACCOUNT)
    assert await desk.settled() == []


@case
async def reqPnLSingle(desk: Desk) -> None:
    found = desk.ib.reqPnLSingle(ACCOUNT, "", desk.share.conId)
    await desk.until(lambda: found.position == found.value == 0)


@case
async def cancelPnLSingle(desk: Desk) -> None:
    await reqPnLSingle(desk)
    desk.ib.cancelPnLSingle(ACCOUNT, "", desk.share.conId)
    assert await desk.settled() == []


@case
async def reqPositions(desk: Desk) -> None:
    assert await desk.ib.reqPositionsAsync() == []


@case
async def reqOpenOrders(desk: Desk) -> None:
    assert await desk.ib.reqOpenOrdersAsync() == []


@case
async def reqAllOpenOrders(desk: Desk) -> None:
    assert await desk.ib.reqAllOpenOrdersAsync() == []


@case
async def reqAutoOpenOrders(desk: Desk) -> None:
    desk.ib.reqAutoOpenOrders(True)
    await desk.fails(321)  # only client 0 can


@case
async def reqCompletedOrders(desk: Desk) -> None:
    trade = await resting(desk)
    await _cancel(desk, trade)
    ended = await desk.ib.reqCompletedOrdersAsync(False)
    assert trade.order.permId in [one.order.permId for one in ended]


@case
async def reqExecutions(desk: Desk) -> None:
    assert await desk.ib.reqExecutionsAsync() == []


async def resting(desk: Desk) -> ibi.Trade:
    """An order far from the market."""
    trade = desk.ib.placeOrder(desk.option, ibi.LimitOrder("BUY", 1, 0.01))
    await desk.until(lambda: trade.orderStatus.status == "Submitted")
    return trade


@case
async def placeOrder(desk: Desk) -> None:
    trade = await resting(desk)
    assert trade in await desk.ib.reqOpenOrdersAsync()
    await _cancel(desk, trade)


async def _cancel(desk: Desk, trade: ibi.Trade) -> None:
    desk.ib.cancelOrder(trade.order)
    await desk.until(lambda: trade.orderStatus.status == "Cancelled")


@case
async def whatIfOrder(desk: Desk) -> None:
    async with asyncio.timeout(DEADLINE):
        state = await desk.ib.whatIfOrderAsync(desk.option, ibi.LimitOrder("BUY", 1, 1.0))
    assert state.status == "PreSubmitted"


@case
async def cancelOrder(desk: Desk) -> None:
    trade = await resting(desk)
    await _cancel(desk, trade)
    desk.ib.cancelOrder(ibi.Order(orderId=trade.order.orderId + 1000))
    await desk.fails(10147)


@case
async def reqGlobalCancel(desk: Desk) -> None:
    trade = await resting(desk)
    desk.ib.reqGlobalCancel()
    await desk.until(lambda: trade.orderStatus.status == "Cancelled")


@case
async def exerciseOptions(desk: Desk) -> None:
    desk.ib.exerciseOptions(desk.option, 1, 1, ACCOUNT, 0)
    await desk.fails(321)
