# ruff: noqa: N802 - the names are those of the requests
"""Contracts and what belongs to them, time, news, scans."""

import ib_insync as ibi

from tests.tws_sim.requests.desk import Desk, case


@case
async def reqCurrentTime(desk: Desk) -> None:
    assert abs((await desk.ib.reqCurrentTimeAsync() - desk.now).total_seconds()) < 60


@case
async def qualifyContracts(desk: Desk) -> None:
    share = ibi.Stock("AAPL", "SMART", "USD")
    assert await desk.ib.qualifyContractsAsync(share) == [share]
    assert share.conId == 265598


@case
async def reqContractDetails(desk: Desk) -> None:
    kinds = [desk.share, desk.option, desk.future, desk.pair, desk.coin, desk.index]
    for contract in kinds:
        (details,) = await desk.ib.reqContractDetailsAsync(contract)
        assert details.contract is not None
        assert details.contract.conId == contract.conId
        assert details.minTick > 0
        assert details.tradingHours
    assert [one.secType for one in kinds] == ["STK", "OPT", "FUT", "CASH", "CRYPTO", "IND"]
    futures = await desk.ib.reqContractDetailsAsync(ibi.Future("ES", exchange="CME"))
    assert [one.contract.localSymbol for one in futures if one.contract] == ["ESZ6", "ESH7", "ESM7", "ESU7"]
    assert await desk.ib.reqContractDetailsAsync(ibi.Stock("NOSUCH", "SMART", "USD")) == []
    await desk.fails(200)


@case
async def reqSecDefOptParams(desk: Desk) -> None:
    chains = await desk.ib.reqSecDefOptParamsAsync("SPY", "", "STK", desk.share.conId)
    assert {"SMART", "CBOE"} <= {chain.exchange for chain in chains}
    assert await desk.ib.reqSecDefOptParamsAsync("SPX", "", "IND", desk.index.conId) == []


@case
async def reqMatchingSymbols(desk: Desk) -> None:
    found = await desk.ib.reqMatchingSymbolsAsync("S&P")
    assert {(one.contract.symbol, one.contract.secType) for one in found or [] if one.contract} == {
        ("SPX", "IND"), ("ES", "FUT"), ("MES", "FUT")
    }  # fmt: skip
    spy = await desk.ib.reqMatchingSymbolsAsync("SPY")
    assert [one.derivativeSecTypes for one in spy or []] == [["OPT"]]


@case
async def reqMarketRule(desk: Desk) -> None:
    assert await desk.ib.reqMarketRuleAsync(26) == [ibi.PriceIncrement(0, 0.01)]
    assert await desk.ib.reqMarketRuleAsync(32) == [ibi.PriceIncrement(0, 0.05), ibi.PriceIncrement(3, 0.1)]


@case
async def reqSmartComponents(desk: Desk) -> None:
    found = await desk.ib.reqSmartComponentsAsync("9c0001")
    assert "ARCA" in {one.exchange for one in found}
    assert len({one.exchangeLetter for one in found}) == len(found) > 10


@case
async def reqNewsProviders(desk: Desk) -> None:
    assert {one.code for one in await desk.ib.reqNewsProvidersAsync()} == {"BRFG", "BRFUPDN", "DJNL"}


@case
async def reqHistoricalNews(desk: Desk) -> None:
    assert await desk.ib.reqHistoricalNewsAsync(desk.share.conId, "BRFG+DJNL", "", "", 10) == []


@case
async def reqNewsArticle(desk: Desk) -> None:
    await desk.fails(10172, desk.ib.reqNewsArticleAsync("BRFG", "BRFG$1"))


@case
async def reqNewsBulletins(desk: Desk) -> None:
    desk.ib.reqNewsBulletins(True)
    assert await desk.settled() == []
    assert desk.ib.newsBulletins() == []


@case
async def cancelNewsBulletins(desk: Desk) -> None:
    await reqNewsBulletins(desk)
    desk.ib.cancelNewsBulletins()
    assert await desk.settled() == []


@case
async def reqFundamentalData(desk: Desk) -> None:
    await desk.fails(430, desk.ib.reqFundamentalDataAsync(desk.share, "ReportSnapshot"))


@case
async def reqScannerParameters(desk: Desk) -> None:
    assert "<scanCode>TOP_PERC_GAIN</scanCode>" in await desk.ib.reqScannerParametersAsync()


@case
async def reqScannerData(desk: Desk) -> None:
    scan = ibi.ScannerSubscription(instrument="STK", locationCode="STK.US.MAJOR", scanCode="MOST_ACTIVE")
    found = await desk.ib.reqScannerDataAsync(scan)
    assert {row.contractDetails.contract.symbol for row in found if row.contractDetails.contract} == {
        "SPY",
        "AAPL",
    }
    await desk.fails(162)  # the gateway's word for the cancellation that follows


@case
async def reqScannerSubscription(desk: Desk) -> None:
    scan = ibi.ScannerSubscription(instrument="STK", locationCode="STK.US", scanCode="HIGH_OPT_IMP_VOLAT")
    found = desk.ib.reqScannerSubscription(scan)
    await desk.until(lambda: len(found) == 2)
    assert [row.rank for row in found] == [0, 1]
    assert found[0].contractDetails.contract is not None
    assert found[0].contractDetails.contract.symbol == "AAPL"
    dear = ibi.ScannerSubscription(
        instrument="STK", locationCode="STK.US", scanCode="MOST_ACTIVE", abovePrice=400
    )
    only = desk.ib.reqScannerSubscription(dear)
    await desk.until(lambda: len(only) == 1)


@case
async def cancelScannerSubscription(desk: Desk) -> None:
    scan = ibi.ScannerSubscription(instrument="STK", locationCode="STK.US", scanCode="MOST_ACTIVE")
    desk.ib.cancelScannerSubscription(desk.ib.reqScannerSubscription(scan))
    await desk.fails(162)


@case
async def reqWshMetaData(desk: Desk) -> None:
    desk.ib.reqWshMetaData()
    await desk.fails(10276)


@case
async def cancelWshMetaData(desk: Desk) -> None:
    await reqWshMetaData(desk)
    desk.ib.cancelWshMetaData()
    assert await desk.settled() == [10276]


@case
async def getWshMetaData(desk: Desk) -> None:
    await desk.fails(10276, desk.ib.getWshMetaDataAsync())


@case
async def reqWshEventData(desk: Desk) -> None:
    desk.ib.reqWshEventData(ibi.WshEventData(conId=desk.share.conId))
    await desk.fails(10276)


@case
async def cancelWshEventData(desk: Desk) -> None:
    await reqWshEventData(desk)
    desk.ib.cancelWshEventData()
    assert await desk.settled() == [10276]


@case
async def getWshEventData(desk: Desk) -> None:
    await desk.fails(10276, desk.ib.getWshEventDataAsync(ibi.WshEventData(conId=desk.share.conId)))
