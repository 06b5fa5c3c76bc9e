import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

from ibkr_server.account.book import AccountBook
from ibkr_server.account.feed import ANSWER_SECONDS, AccountFeed
from tests.ibkr_server.gateway.scripted import ACCOUNT, Desk, ScriptedGateway, desk, on_virtual_time, until

POSITIONS, UPDATES, MULTI, PNL = 61, 6, 76, 92
UNSET = "1.7976931348623157E308"
CALL = (1001, "SPY", "OPT", "20261218", "590.0", "C", "100")
SHARES = (756733, "SPY", "STK", "", "0.0", "0", "")


def position(
    both: Desk, contract: tuple[object, ...], quantity: str, cost: str, account: str = ACCOUNT
) -> None:
    both.gateway.send(61, 3, account, *contract, "", "USD", "local", "SPY", quantity, cost)


@asynccontextmanager
async def fed(gateway: ScriptedGateway | None = None) -> AsyncIterator[tuple[Desk, AccountBook]]:
    async with desk(gateway) as both:
        feed = asyncio.create_task(AccountFeed(both.market.link, both.market.watching_state).run())
        try:
            yield both, both.market.link.account
        finally:
            feed.cancel()
            await asyncio.gather(feed, return_exceptions=True)


@on_virtual_time
async def test_positions_values_and_profit_are_read_with_three_requests() -> None:
    async with fed() as (both, book):
        await both.gateway.hear(POSITIONS)
        position(both, CALL, "-2", "525.5")
        position(both, SHARES, "100", "580.25")
        both.gateway.send(62, 1)
        assert (await both.gateway.hear(UPDATES))[2:] == ["1", ACCOUNT]
        both.gateway.send(6, 2, "NetLiquidation", "1000.50", "USD", ACCOUNT)
        mark = ("6.25", "-1250.0", "525.5", "-199.0", UNSET)
        both.gateway.send(7, 8, *CALL, "", "USD", "local", "SPY", "-2", *mark, ACCOUNT)
        both.gateway.send(54, 1, ACCOUNT)
        request = await both.gateway.hear(PNL)
        both.gateway.send(94, request[1], "-12.5", UNSET, "3.25")
        await both.settle()
        call, shares = sorted(book.positions(), key=lambda held: held.con_id)
        assert (call.quantity, call.average_cost, call.multiplier, call.right) == (
            -2,
            Decimal("5.255"),
            100,
            "C",
        )
        assert (call.market_price, call.market_value) == (Decimal("6.25"), -1250)
        assert (call.unrealized_pnl, call.realized_pnl) == (-199, None)
        assert (shares.average_cost, shares.right, shares.expiration) == (Decimal("580.25"), None, None)
        assert book.reconciled
        assert book.values(ACCOUNT).amount("NetLiquidation") == Decimal("1000.50")
        assert book.daily_pnl(ACCOUNT) == Decimal("-12.5")
        assert book.values(ACCOUNT).profit.unrealized is None
        assert len(both.gateway.received) == 3


@on_virtual_time
async def test_after_an_outage_everything_is_read_anew_and_nothing_counts_until_then() -> None:
    async with fed() as (both, book):
        await both.gateway.hear(PNL)
        position(both, CALL, "1", "500")
        both.gateway.send(62, 1)
        await until(lambda: book.reconciled)
        both.gateway.hang_up()
        await until(lambda: not book.reconciled)
        assert [held.con_id for held in book.positions()] == [1001]
        await both.gateway.hear(POSITIONS)
        position(both, SHARES, "1", "500")
        await both.settle()
        assert [held.con_id for held in book.positions()] == [1001]
        both.gateway.send(62, 1)
        await until(lambda: book.reconciled)
        assert [held.con_id for held in book.positions()] == [756733]


@on_virtual_time
async def test_while_the_gateway_is_cut_off_nothing_is_sure_and_its_return_is_asked_for_all() -> None:
    async with fed() as (both, book):
        number = (await both.gateway.hear(PNL))[1]
        both.gateway.send(62, 1)
        both.gateway.send(54, 1, ACCOUNT)
        both.gateway.send(94, number, "1", "2", "3")
        await until(lambda: book.reconciled and book.daily_pnl(ACCOUNT) == 1)
        both.gateway.received.clear()
        both.gateway.send(4, 2, -1, 1100, "lost", "")
        await until(lambda: not book.reconciled)
        assert book.daily_pnl(ACCOUNT) is None
        both.gateway.send(4, 2, -1, 1102, "back", "")
        await until(lambda: len(both.gateway.received) == 6)
        assert [fields[0] for fields in both.gateway.received] == ["64", "6", "93", "61", "6", "92"]
        assert both.gateway.received[2] == ["93", number]
        both.gateway.send(62, 1)
        both.gateway.send(54, 1, ACCOUNT)
        both.gateway.send(94, number, "9", "9", "9")  # late, but as true as any
        both.gateway.send(94, both.gateway.received[5][1], "4", "5", "6")
        await until(lambda: book.daily_pnl(ACCOUNT) == 4)


@on_virtual_time
async def test_positions_that_are_not_told_are_asked_for_again() -> None:
    async with fed() as (both, book):
        loop = asyncio.get_running_loop()
        await both.gateway.hear(POSITIONS)
        began = loop.time()
        position(both, CALL, "1", "500")
        both.gateway.send(54, 1, ACCOUNT)
        await both.gateway.hear(POSITIONS)
        assert ANSWER_SECONDS <= loop.time() - began <= ANSWER_SECONDS + 0.3
        both.gateway.send(62, 1)
        await until(lambda: book.reconciled)
        assert len(book.positions()) == 1


@on_virtual_time
async def test_values_that_do_not_end_are_asked_for_again() -> None:
    async with fed() as (both, book):
        await both.gateway.hear(UPDATES)
        both.gateway.send(62, 1)
        await until(lambda: book.reconciled)
        assert (await both.gateway.hear(UPDATES))[2] == "0"
        assert (await both.gateway.hear(UPDATES))[2] == "1"
        both.gateway.send(62, 1)
        both.gateway.send(54, 1, ACCOUNT)
        await until(lambda: book.is_complete([ACCOUNT]))


@on_virtual_time
async def test_a_gateway_that_goes_away_while_it_is_read_is_away_at_once() -> None:
    async with fed() as (both, book):
        await both.gateway.hear(POSITIONS)
        both.gateway.send(62, 1)
        await until(lambda: book.reconciled)
        both.gateway.send(4, 2, -1, 1100, "lost", "")
        await until(lambda: not book.reconciled, seconds=0.1)


@on_virtual_time
async def test_of_further_accounts_the_values_are_asked_for_by_number() -> None:
    gateway = ScriptedGateway()
    gateway.accounts = "DU1,DU2"
    async with fed(gateway) as (_, book):
        request = await gateway.hear(MULTI)
        assert request[3:] == ["DU2", "", "0"]
        gateway.send(73, 1, request[2], "DU2", "", "NetLiquidation", "5", "USD")
        gateway.send(74, 1, request[2])
        await gateway.hear(PNL)
        await until(lambda: not book.values("DU2").stale)
        assert book.values("DU2").amount("NetLiquidation") == 5
        assert [fields[3] for fields in gateway.of_kind(UPDATES)] == ["DU1"]
        await until(lambda: len(gateway.of_kind(PNL)) == 2)
