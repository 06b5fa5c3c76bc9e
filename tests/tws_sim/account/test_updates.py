"""What an unmodified ib_insync is told of the account, at once and as time passes."""

import pytest
from ib_insync import IB

from tests.tws_sim.account.accounts import SOON
from tests.tws_sim.faults.library import SHARE, Client, client, gateway, option, within
from tests.tws_sim.wire_client import Bench
from tws_sim.account.account import Trade

ACCOUNT = "DU4242424"


async def call_id(one: Client) -> int:
    [details] = await within(one.ib.reqContractDetailsAsync(option()))
    assert details.contract is not None
    return details.contract.conId


async def fill(bench: Bench, one: Client, *trades: Trade) -> None:
    """Book executions, let the gateway look at them once, and the client hear of it."""
    account = bench.gateway.account
    for trade in trades:
        account.book(trade, f"0000e0d5.{account.revision:08x}.01.01")
    await bench.feed.cycle()
    await one.settle()


def value(ib: IB, tag: str, currency: str = "USD") -> float:
    [found] = [one for one in ib.accountValues() if (one.tag, one.currency) == (tag, currency)]
    return float(found.value)


async def test_positions_are_pushed_with_their_cost_and_gone_once_closed() -> None:
    async with gateway() as bench, client(bench) as one:
        con_id = await call_id(one)
        await fill(bench, one, Trade(con_id, -2, 5.0), Trade(SHARE.conId, 100, 590.0))
        share, call = sorted(one.ib.positions(), key=lambda held: held.contract.conId != SHARE.conId)
        assert (share.account, share.position, share.avgCost) == (ACCOUNT, 100, 590.01)
        assert (share.contract.secType, share.contract.exchange) == ("STK", "ARCA")
        assert (call.position, call.avgCost) == pytest.approx((-2, 500 - 0.65))
        contract = call.contract
        assert (contract.conId, contract.lastTradeDateOrContractMonth) == (con_id, f"{SOON:%Y%m%d}")
        assert (contract.strike, contract.right, contract.multiplier) == (590, "C", "100")
        assert (contract.localSymbol, contract.tradingClass) == ("SPY   261218C00590000", "SPY")
        await fill(bench, one, Trade(con_id, 2, 4.0))
        assert [held.contract.conId for held in one.ib.positions()] == [SHARE.conId]


async def test_who_comes_later_and_who_asks_under_an_id_see_the_same() -> None:
    async with gateway() as bench, client(bench) as one:
        await fill(bench, one, Trade(SHARE.conId, 100, 590.0))
        async with client(bench, 2) as late:
            assert [(held.position, held.avgCost) for held in late.ib.positions()] == [(100, 590.01)]
        async with bench.client(3) as wire:
            wire.send(74, 1, 31, ACCOUNT, "")
            *_, position, end = await wire.until("72")
            assert position[:5] == ["71", "1", "31", ACCOUNT, str(SHARE.conId)]
            assert position[-3:] == ["100", "590.01", ""]
            assert end == ["72", "1", "31"]
            await fill(bench, one, Trade(SHARE.conId, 100, 592.0))
            assert (await wire.until("71"))[-1][-3:] == ["200", "591.01", ""]
            wire.send(75, 1, 31)
            await wire.settled()
            await fill(bench, one, Trade(SHARE.conId, 100, 592.0))
            assert [message for message in await wire.settled() if message[0] == "71"] == []


async def test_values_and_portfolio_follow_an_execution_at_once_and_the_market_every_three_minutes() -> None:
    async with gateway() as bench, client(bench) as one:
        assert value(one.ib, "NetLiquidation") == 1_000_000
        await fill(bench, one, Trade(SHARE.conId, 100, 500.0))
        assert value(one.ib, "TotalCashValue") == pytest.approx(1_000_000 - 50_001)
        [held] = one.ib.portfolio()
        worth = held.marketPrice * 100
        assert (held.position, held.averageCost) == (100, 500.01)
        assert held.marketValue == value(one.ib, "StockMarketValue") == pytest.approx(worth, abs=0.01)
        assert held.unrealizedPNL == pytest.approx(worth - 50_001, abs=0.01)
        assert value(one.ib, "UnrealizedPnL") == pytest.approx(held.unrealizedPNL, abs=0.01)
        assert value(one.ib, "InitMarginReq") == pytest.approx(worth / 2, abs=0.01)
        assert value(one.ib, "MaintMarginReq") == pytest.approx(worth / 4, abs=0.01)
        equity = value(one.ib, "EquityWithLoanValue")
        assert equity == pytest.approx(value(one.ib, "NetLiquidation"))
        assert value(one.ib, "AvailableFunds") == pytest.approx(equity - worth / 2, abs=0.02)
        await bench.pass_time(60)
        await one.settle()
        assert one.ib.portfolio() == [held]
        await bench.pass_time(120)
        await one.settle()
        [later] = one.ib.portfolio()
        assert later.marketPrice != held.marketPrice
        assert value(one.ib, "NetLiquidation") == pytest.approx(
            later.marketValue + 1_000_000 - 50_001, abs=0.02
        )


async def test_a_summary_is_what_was_asked_for_and_goes_on_until_cancelled() -> None:
    async with gateway() as bench, client(bench) as one:
        tags = "NetLiquidation,FullInitMarginReq"
        async with bench.client(2) as wire:
            wire.send(62, 1, 8, "All", tags)
            found = await wire.until("64")
            assert {tuple(message[4:]) for message in found if message[0] == "63"} == {
                ("NetLiquidation", "1000000.00", "USD"), ("FullInitMarginReq", "0.00", "USD"),
            }  # fmt: skip
            await fill(bench, one, Trade(SHARE.conId, 1, 500.0))
            assert {message[4] for message in await wire.settled() if message[0] == "63"} == set(
                tags.split(",")
            )
            wire.send(63, 1, 8)
            await wire.settled()
            await fill(bench, one, Trade(SHARE.conId, 1, 500.0))
            assert "63" not in {message[0] for message in await wire.settled()}


async def test_profit_moves_with_trades_and_with_the_market_once_a_second_at_most() -> None:
    async with gateway() as bench, client(bench) as one:
        con_id = await call_id(one)
        whole, single = one.ib.reqPnL(ACCOUNT), one.ib.reqPnLSingle(ACCOUNT, "", con_id)
        await one.settle()
        assert (whole.dailyPnL, whole.unrealizedPnL, whole.realizedPnL) == (0, 0, 0)
        assert (single.position, single.value) == (0, 0)
        heard: list[float] = []
        one.ib.pnlEvent += lambda entry: heard.append(entry.dailyPnL)
        await fill(bench, one, Trade(con_id, 2, 1.0))
        assert single.position == 2
        assert single.unrealizedPnL == pytest.approx(single.value - 201.30, abs=0.01)
        assert whole.dailyPnL == single.dailyPnL == whole.unrealizedPnL
        assert len(heard) == 1
        for _ in range(40):
            await bench.pass_time(0.125)
        await one.settle()
        assert 3 <= len(heard) <= 6
        assert whole.dailyPnL == heard[-1] != heard[0]
        await fill(bench, one, Trade(con_id, -2, 2.0))
        assert single.position == single.value == 0
        assert whole.realizedPnL == pytest.approx(200 - 2 * 1.30)
        one.ib.cancelPnLSingle(ACCOUNT, "", con_id)
        await one.settle()
        await fill(bench, one, Trade(con_id, 1, 2.0))
        assert single.position == 0
        assert one.codes() == []


async def test_profit_of_what_cannot_be_held_is_error_321() -> None:
    async with gateway() as bench, client(bench) as one:
        one.ib.reqPnLSingle(ACCOUNT, "", 416904)
        await one.settle()
        assert one.codes() == [321]


@pytest.mark.parametrize("fault", ["data-lost", "competing-session"])
async def test_broken_data_leave_the_account_alone(fault: str) -> None:
    async with gateway() as bench, client(bench) as one:
        await bench.gateway.faults.inject(fault)
        await fill(bench, one, Trade(SHARE.conId, 100, 500.0))
        await bench.gateway.faults.lift()
        await fill(bench, one, Trade(SHARE.conId, 100, 500.0))
        assert [held.position for held in one.ib.positions()] == [200]


async def test_stopped_updates_stop() -> None:
    async with gateway() as bench, client(bench) as one, bench.client(2) as wire:
        wire.send(6, 2, 1, ACCOUNT)
        assert {message[0] for message in await wire.until("54")} == {"6", "8", "54"}
        await fill(bench, one, Trade(SHARE.conId, 100, 500.0))
        assert {message[0] for message in await wire.settled()} == {"6", "7", "8"}
        wire.send(6, 2, 0, ACCOUNT)
        await wire.settled()
        await fill(bench, one, Trade(SHARE.conId, 100, 500.0))
        assert await wire.settled() == []


async def test_an_id_in_use_and_a_hundred_and_first_request_are_error_322() -> None:
    async with gateway() as bench, bench.client(1) as wire:
        for number in (1, 1, *range(2, 102)):
            wire.send(92, number, ACCOUNT, "")
        told = [message[2:4] for message in await wire.settled() if message[0] == "4"]
        assert told == [["1", "322"], ["101", "322"]]
        wire.send(93, 7)
        wire.send(92, 7, ACCOUNT, "")
        assert [message[0] for message in await wire.settled()] == ["94"]
