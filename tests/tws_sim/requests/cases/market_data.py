# ruff: noqa: N802 - the names are those of the requests
"""Quotes, single ticks, depth and real-time bars."""

import math

from tests.tws_sim.requests.desk import Desk, case


@case
async def reqMktData(desk: Desk) -> None:
    for contract in (desk.share, desk.option, desk.future, desk.pair, desk.coin):
        ticker = desk.ib.reqMktData(contract)
        await desk.until(lambda ticker=ticker: ticker.bid < ticker.ask)  # type: ignore[misc]  # bound at once
    index = desk.ib.reqMktData(desk.index)
    await desk.until(lambda: index.last > 1000)
    assert index.bid == -1
    option = desk.ib.ticker(desk.option)
    assert option is not None
    await desk.until(lambda: None not in (option.bidGreeks, option.askGreeks, option.lastGreeks))


@case
async def cancelMktData(desk: Desk) -> None:
    desk.ib.reqMktData(desk.share)
    desk.ib.cancelMktData(desk.share)
    assert await desk.settled() == []


@case
async def reqTickers(desk: Desk) -> None:
    found = await desk.ib.reqTickersAsync(desk.share, desk.option, desk.future, desk.pair, desk.coin)
    assert all(ticker.bid < ticker.ask for ticker in found)


@case
async def reqMarketDataType(desk: Desk) -> None:
    desk.ib.reqMarketDataType(3)
    assert await desk.settled() == []


@case
async def reqTickByTickData(desk: Desk) -> None:
    for kind in ("Last", "AllLast", "BidAsk", "MidPoint"):
        ticker = desk.ib.reqTickByTickData(desk.share, kind)
        await desk.until(lambda ticker=ticker: bool(ticker.tickByTicks))  # type: ignore[misc]  # bound at once
        desk.ib.cancelTickByTickData(desk.share, kind)


@case
async def cancelTickByTickData(desk: Desk) -> None:
    desk.ib.reqTickByTickData(desk.pair, "BidAsk")
    desk.ib.cancelTickByTickData(desk.pair, "BidAsk")
    assert await desk.settled() == []
    desk.ib.reqTickByTickData(desk.index, "BidAsk")
    await desk.fails(10189)


@case
async def reqMktDepthExchanges(desk: Desk) -> None:
    found = await desk.ib.reqMktDepthExchangesAsync()
    assert ("ARCA", "STK") in {(one.exchange, one.secType) for one in found}


@case
async def reqMktDepth(desk: Desk) -> None:
    ticker = desk.ib.reqMktDepth(desk.share, 5, isSmartDepth=True)
    await desk.until(lambda: len(ticker.domBids) == len(ticker.domAsks) == 5)
    assert [level.price for level in ticker.domBids] == sorted(
        (x.price for x in ticker.domBids), reverse=True
    )
    assert ticker.domBids[0].price < ticker.domAsks[0].price
    assert ticker.domBids[0].marketMaker
    future = desk.ib.reqMktDepth(desk.future, 3)
    await desk.until(lambda: len(future.domAsks) == 3)
    assert not future.domAsks[0].marketMaker


@case
async def cancelMktDepth(desk: Desk) -> None:
    desk.ib.reqMktDepth(desk.share, 5, isSmartDepth=True)
    desk.ib.cancelMktDepth(desk.share, isSmartDepth=True)
    assert await desk.settled() == []
    desk.ib.reqMktDepth(desk.index)
    await desk.fails(10092)


@case
async def reqRealTimeBars(desk: Desk) -> None:
    bars = desk.ib.reqRealTimeBars(desk.share, 5, "MIDPOINT", False)
    await desk.until(lambda: len(bars) == 1)
    assert bars[0].time.second % 5 == 0
    assert bars[0].low <= bars[0].close <= bars[0].high


@case
async def cancelRealTimeBars(desk: Desk) -> None:
    bars = desk.ib.reqRealTimeBars(desk.share, 5, "TRADES", False)
    desk.ib.cancelRealTimeBars(bars)
    assert await desk.settled() == []
    desk.ib.reqRealTimeBars(desk.pair, 5, "TRADES", False)
    await desk.fails(354)


@case
async def calculateOptionPrice(desk: Desk) -> None:
    found = await desk.ib.calculateOptionPriceAsync(desk.option, 0.2, 590)
    assert found is not None
    assert 5 < found.optPrice < 30
    assert found.impliedVol == 0.2


@case
async def calculateImpliedVolatility(desk: Desk) -> None:
    priced = await desk.ib.calculateOptionPriceAsync(desk.option, 0.2, 590)
    assert priced is not None
    found = await desk.ib.calculateImpliedVolatilityAsync(desk.option, priced.optPrice, 590)
    assert found is not None
    assert math.isclose(found.impliedVol, 0.2, rel_tol=1e-4)
