"""What a gateway knows after its end, as an unmodified ib_insync sees it."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import ib_insync as ibi
import pytest

from tests.tws_sim.orders.floor import Floor, Trader, bag, floor, within
from tests.tws_sim.wire_client import synthetic
from tws_sim.account.account import START_CASH
from tws_sim.account.day import Day, Worth
from tws_sim.clock import VirtualClock
from tws_sim.gateway import Gateway, Settings
from tws_sim.orders.order import Status
from tws_sim.persistence.file import StateError, StateFile
from tws_sim.persistence.state import persisted


@asynccontextmanager
async def life(
    path: Path, client: int = 1
) -> AsyncIterator[tuple[Floor, Trader, ibi.Contract, ibi.Contract]]:
    """One life of a gateway: a market, a client, and two calls."""
    async with floor() as market:
        with persisted(market.bench.gateway, path):
            async with market.trader(client) as one:
                low, high = await one.option(590), await one.option(600)
                market.quote(low, 9.90, 10.10)
                market.quote(high, 5.00, 5.10)
                yield market, one, low, high


async def test_orders_executions_positions_and_cash_outlive_the_gateway(tmp_path: Path) -> None:
    path = tmp_path / "state"
    async with life(path) as (market, one, low, high):
        await one.settle(30)  # the clock of the next life is behind
        resting = await one.place(low, ibi.LimitOrder("BUY", 2, 5.00, tif="GTC", orderRef="rests"))
        filled = await one.place(bag((low, -1), (high, 1)), ibi.LimitOrder("BUY", 3, -4.80, orderRef="done"))
        gone = await one.place(low, ibi.LimitOrder("BUY", 1, 4.00))
        one.ib.cancelOrder(gone.order)
        await one.settle()
        cash = market.bench.gateway.account.balance().cash
        costs = {held.contract.conId: held.avgCost for held in one.ib.positions()}
        profit = market.bench.gateway.account.profit()
    async with life(path) as (market, one, low, high):
        [order] = one.ib.openOrders()
        assert (order.orderRef, order.permId, order.orderId) == (
            "rests",
            resting.order.permId,
            resting.order.orderId,
        )
        completed = {trade.order.permId for trade in await within(one.ib.reqCompletedOrdersAsync(False))}
        assert completed == {filled.order.permId, gone.order.permId}
        again = {fill.execution.execId: fill.commissionReport for fill in one.ib.fills()}
        assert again == {fill.execution.execId: fill.commissionReport for fill in filled.fills}
        assert {held.contract.conId: held.avgCost for held in one.ib.positions()} == costs
        assert market.bench.gateway.account.balance().cash == cash != START_CASH
        assert market.bench.gateway.account.profit() == pytest.approx(profit)
        [trade] = one.ib.openTrades()
        market.quote(low, 4.80, 4.90)
        await one.settle()
        assert (trade.orderStatus.status, trade.orderStatus.filled) == ("Filled", 2)


async def test_the_account_keeps_the_cash_it_began_with(tmp_path: Path) -> None:
    for given, kept in ((5000.0, 5000.0), (7000.0, 5000.0)):
        async with floor(Settings(cash=given)) as market:
            with persisted(market.bench.gateway, tmp_path / "state"):
                assert market.bench.gateway.account.balance().cash == kept


async def test_order_ids_and_perm_ids_go_on(tmp_path: Path) -> None:
    path = tmp_path / "state"
    async with life(path) as (_, one, low, _high):
        first = await one.place(low, ibi.LimitOrder("BUY", 1, 10.50))
        one.ib.client.updateReqId(500)
        last = await one.place(low, ibi.LimitOrder("BUY", 1, 10.50))
    async with life(path) as (_, one, low, _high):
        assert one.ib.client.getReqId() > last.order.orderId
        trade = await one.place(low, ibi.LimitOrder("BUY", 1, 10.50))
        assert trade.orderStatus.status == "Filled"
        assert trade.order.permId > max(first.order.permId, last.order.permId)
        await one.place(low, ibi.LimitOrder("BUY", 1, 10.50, orderId=first.order.orderId + 1))
        assert 103 in one.codes()


async def test_a_cancel_on_its_way_takes_effect_after_the_restart(tmp_path: Path) -> None:
    path = tmp_path / "state"
    async with life(path) as (market, one, low, _):
        going = await one.place(low, ibi.LimitOrder("BUY", 1, 4.00, tif="GTC"))
        one.ib.cancelOrder(going.order)
        await within(one.ib.reqCurrentTimeAsync())
        assert market.order(going).cancelled_at is not None
    async with life(path) as (_, one, _low, _high):
        await one.settle()
        assert one.ib.openOrders() == []


async def test_a_restart_between_an_execution_and_its_last_status_ends_the_order(tmp_path: Path) -> None:
    """Numbers go on beyond those in the file, and the day's profit from where the day began."""
    path = tmp_path / "state"
    async with life(path) as (market, one, low, _):
        trade = await one.place(low, ibi.LimitOrder("BUY", 1, 10.50))
        order, executions = market.order(trade), market.engine.book.executions
        account = market.bench.gateway.account
    order.perm_id = executions[0].perm_id = 2_100_000_000
    order.status = Status.SUBMITTED
    other = StateFile(tmp_path / "other")
    other.save(order, executions, Day(account.day.date, {low.conId: Worth(-500.0, 600.0, 0.0)}))
    other.close()
    async with life(tmp_path / "other") as (market, one, low, _):
        assert one.ib.openOrders() == []
        [done] = await within(one.ib.reqCompletedOrdersAsync(False))
        assert done.order.permId == 2_100_000_000
        profit = market.bench.gateway.account.profit()
        assert profit.daily == pytest.approx(profit.unrealized - 100)
        assert (await one.place(low, ibi.LimitOrder("BUY", 1, 10.50))).order.permId == 2_100_000_001


async def test_an_order_that_nobody_hears_of_is_in_the_file_too(tmp_path: Path) -> None:
    async with floor() as market:
        await market.bench.gateway.faults.inject("order-silence")
        with persisted(market.bench.gateway, tmp_path / "state"):
            async with market.trader() as one:
                await one.place(await one.option(590), ibi.LimitOrder("BUY", 1, 1.00, orderRef="silent"))
    async with life(tmp_path / "state") as (_, one, _low, _high):
        assert [order.orderRef for order in one.ib.openOrders()] == ["silent"]


async def test_what_a_client_has_been_told_is_in_the_file_before(tmp_path: Path) -> None:
    """Another connection reads the file the moment the report leaves; nothing is closed before that."""
    path = tmp_path / "state"
    async with life(path) as (market, one, low, _high):
        seen: list[tuple[int, int]] = []

        def look(report: object) -> list[object]:
            copy = tmp_path / f"copy{len(seen)}"
            copy.write_bytes(path.read_bytes())
            (tmp_path / f"{copy.name}-wal").write_bytes((tmp_path / "state-wal").read_bytes())
            file = StateFile(copy)
            seen.append((len(file.orders()), len(file.executions())))
            file.close()
            return [report]

        market.engine.reports.filters.append(look)  # type: ignore[arg-type]  # it passes what it gets
        await one.place(low, ibi.LimitOrder("BUY", 1, 10.50))
        assert seen[0] == (1, 0)
        assert seen[-1] == (1, 1)


async def test_a_file_has_one_gateway(tmp_path: Path) -> None:
    path = tmp_path / "state"
    async with life(path):
        with pytest.raises(StateError, match="locked"):
            StateFile(path)
    StateFile(path).close()


@pytest.mark.parametrize("content", [b"something else entirely, as long as a page of a database" * 20, b""])
def test_only_a_state_file_is_taken_and_an_empty_one(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state"
    path.write_bytes(content)
    if content:
        with pytest.raises(StateError, match="not a database"):
            StateFile(path)
        assert path.read_bytes() == content
    else:
        StateFile(path).close()


def test_another_database_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "other"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE mine (a)")
    with pytest.raises(StateError, match="no state file"):
        StateFile(path)
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT name FROM sqlite_schema").fetchall() == [("mine",)]


async def test_a_file_of_another_market_or_with_an_entry_nobody_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state"
    async with life(path) as (_, one, low, _high):
        await one.place(low, ibi.LimitOrder("BUY", 1, 10.50))
    other = Gateway(synthetic(VirtualClock(), ("AAPL",)), Settings(), VirtualClock())
    with pytest.raises(StateError, match="not one of this market"), persisted(other, path):
        pass
    with closing(sqlite3.connect(path)) as damaged, damaged:
        damaged.execute("UPDATE orders SET body = '{}'")
    with pytest.raises(StateError, match=r"state: Order: .*[Ff]ield required"), persisted(other, path):
        pass
