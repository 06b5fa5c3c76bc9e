# ruff: noqa: N802 - the names are those of the requests
"""Historical data."""

from datetime import UTC, timedelta

import ib_insync as ibi

from tests.tws_sim.requests.desk import Desk, case


@case
async def reqHistoricalData(desk: Desk) -> None:
    bars = await desk.ib.reqHistoricalDataAsync(desk.share, "", "2 D", "1 hour", "TRADES", True)
    assert len(bars) == 8  # seven of yesterday, the first half hour of today
    assert all(bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high for bar in bars)
    assert min(bar.volume for bar in bars) > 0
    live = await desk.ib.reqHistoricalDataAsync(
        desk.share, "", "60 S", "5 secs", "MIDPOINT", False, keepUpToDate=True
    )
    before = live[-1].date
    await desk.until(lambda: live[-1].date > before)
    desk.ib.cancelHistoricalData(live)
    assert not await desk.ib.reqHistoricalDataAsync(desk.pair, "", "1 D", "1 hour", "TRADES", True)
    await desk.fails(162)


@case
async def cancelHistoricalData(desk: Desk) -> None:
    bars = await desk.ib.reqHistoricalDataAsync(desk.share, "", "1 W", "1 day", "TRADES", True)
    assert len(bars) == 5
    desk.ib.cancelHistoricalData(bars)
    await desk.fails(366)


@case
async def reqHistoricalSchedule(desk: Desk) -> None:
    found = await desk.ib.reqHistoricalScheduleAsync(desk.share, 5)
    assert [one.refDate for one in found.sessions] == [f"202611{day}" for day in (16, 17, 18, 19, 20)]


@case
async def reqHistoricalTicks(desk: Desk) -> None:
    end = desk.now
    kinds = {
        "TRADES": ibi.HistoricalTickLast,
        "BID_ASK": ibi.HistoricalTickBidAsk,
        "MIDPOINT": ibi.HistoricalTick,
    }
    for what, kind in kinds.items():
        found = await desk.ib.reqHistoricalTicksAsync(desk.share, "", end, 100, what, True)
        assert len(found) == 100
        assert isinstance(found[0], kind)
        assert found[0].time < found[-1].time <= end.astimezone(UTC)
    start = end - timedelta(days=1)
    found = await desk.ib.reqHistoricalTicksAsync(desk.share, start, "", 10, "TRADES", True)
    assert len(found) == 10
    assert found[0].time >= start.astimezone(UTC)


@case
async def reqHeadTimeStamp(desk: Desk) -> None:
    first = await desk.ib.reqHeadTimeStampAsync(desk.share, "TRADES", True, 1)
    assert first.year == 2016


@case
async def reqHistogramData(desk: Desk) -> None:
    found = await desk.ib.reqHistogramDataAsync(desk.share, True, "1 day")
    assert len(found) > 5
    assert min(one.count for one in found) > 0
