"""What a client sees where market data are not permitted, not live, or taken by another session."""

import math

import pytest

from tests.tws_sim.faults.library import SHARE, client, gateway, option

DELAYED = {66, 67, 68, 69, 70, 74, 75, 83, 88}


async def test_without_a_subscription_a_request_is_error_354_and_takes_no_line() -> None:
    async with gateway() as bench, client(bench) as one:
        running = await one.watch(SHARE)
        await bench.gateway.faults.inject("not-subscribed", contracts="options")
        refused = await one.watch(option())
        assert one.codes() == [354]
        assert bench.gateway.lines.in_use == 1
        assert await one.ticks_within(1) > 0
        assert not refused.hasBidAsk()
        assert running.hasBidAsk()
        await bench.gateway.faults.lift()
        one.ib.cancelMktData(refused.contract)
        again = await one.watch(option())
        assert again.hasBidAsk()


async def test_delayed_data_come_with_10167_and_tick_types_of_their_own() -> None:
    async with gateway() as bench, client(bench) as one:
        await bench.gateway.faults.inject("not-subscribed", symbol="SPY")
        one.ib.reqMarketDataType(3)
        share, call = await one.watch(SHARE, "233,221"), await one.watch(option())
        assert one.codes() == [10167, 10167]
        assert (share.marketDataType, call.marketDataType) == (3, 3)
        assert share.hasBidAsk()
        assert share.last > 0
        assert share.volume > 0
        assert call.hasBidAsk()
        assert call.modelGreeks.delta > 0
        for _ in range(20):
            await one.ticks_within(1)
            assert one.ticks.keys() <= DELAYED
        assert {66, 67, 69, 70} & one.ticks.keys()
        assert math.isnan(share.markPrice)


async def test_in_part_only_what_needs_no_subscription_comes_after_10090() -> None:
    async with gateway() as bench, client(bench) as one:
        await bench.gateway.faults.inject("not-subscribed", part=True)
        share, call = await one.watch(SHARE, "100,101,104,106"), await one.watch(option(), "101")
        assert one.codes() == [10090, 10090]
        assert not share.hasBidAsk()
        assert share.impliedVolatility > 0
        assert call.callOpenInterest > 0
        assert call.modelGreeks is None
        assert await one.ticks_within(2) > 0
        assert one.ticks.keys() <= {23, 24, 27, 28, 29, 30}


async def test_asking_for_delayed_data_changes_nothing_where_live_data_are_permitted() -> None:
    async with gateway() as bench, client(bench) as one:
        await bench.gateway.faults.inject("not-subscribed", symbol="AAPL")
        one.ib.reqMarketDataType(3)
        share = await one.watch(SHARE)
        assert share.marketDataType == 1
        assert one.codes() == []


async def test_frozen_data_are_the_last_state_for_who_asked_for_them() -> None:
    async with gateway() as bench, client(bench, 1) as asked, client(bench, 2) as other:
        asked.ib.reqMarketDataType(2)
        running = await asked.watch(SHARE)
        plain = await other.watch(SHARE)
        assert running.marketDataType == 1
        await bench.gateway.faults.inject("frozen", seconds=3600)
        late, nothing = await asked.watch(option()), await other.watch(option())
        assert (running.marketDataType, late.marketDataType) == (2, 2)
        assert (plain.marketDataType, nothing.marketDataType) == (1, 1)
        assert late.hasBidAsk()
        assert not nothing.hasBidAsk()
        assert await asked.ticks_within(3) == 0
        await other.settle()
        await bench.pass_time(3597)
        assert await asked.ticks_within(1) > 100
        assert (running.marketDataType, late.marketDataType) == (1, 1)
        await other.settle()
        assert nothing.hasBidAsk()


@pytest.mark.parametrize("goes_on", [True, False])
async def test_a_competing_session_takes_the_data_until_it_is_over(goes_on: bool) -> None:
    async with gateway() as bench, client(bench) as one:
        await one.watch(SHARE)
        await bench.gateway.faults.inject("competing-session", resume_after=goes_on)
        late = await one.watch(option())
        assert one.codes() == [10197, 10197]
        assert not late.hasBidAsk()
        assert await one.ticks_within(60) == 0
        assert bench.gateway.lines.in_use == (2 if goes_on else 0)
        await bench.gateway.faults.lift("competing-session")
        assert (await one.ticks_within(1) > 100) is goes_on
        assert one.codes() == [10197, 10197]
