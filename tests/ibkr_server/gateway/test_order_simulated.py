"""The broker against the simulator, whose books are what really happened."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ibkr_server.chain.contracts import Option
from ibkr_server.orders.broker import ExecutionReport, OrderReport, StatusReport, Ticket
from ibkr_server.orders.spec import Oca, OcaType, OrderLeg, OrderSpec, OrderType, TimeInForce
from mesh.errors import MeshError
from tests.ibkr_server.gateway.scripted import on_virtual_time, until
from tests.ibkr_server.gateway.simulated import Floor, floor

HIGH = Decimal("30.00")
"""More than any of the spreads below can cost."""


async def calls(one: Floor) -> list[Option]:
    """Two calls around the money."""
    source = one.market.chains
    underlying = await source.underlying("SPY")
    contracts = source._contracts
    (parameters, *_) = await contracts.option_parameters(underlying)
    found = await contracts.options(underlying, parameters.trading_class, parameters.expirations[3])
    by_strike = sorted((option for option in found if option.right == "C"), key=lambda option: option.strike)
    middle = len(by_strike) // 2
    return by_strike[middle : middle + 2]


async def spread(one: Floor, limit: Decimal, quantity: int = 2) -> OrderSpec:
    low, high = await calls(one)
    return OrderSpec((OrderLeg(low.con_id, 1), OrderLeg(high.con_id, -1)), quantity, OrderType.LIMIT, limit)


async def placed(one: Floor, spec: OrderSpec, ref: str = "mine") -> int:
    """The number of an order that was placed."""
    number = one.broker.take_order_id()
    await one.broker.turn()
    one.broker.place(Ticket(number, ref, spec))
    return number


def statuses(one: Floor) -> list[str]:
    return [told.status for told in one.heard.told if isinstance(told, StatusReport)]


def trades(one: Floor) -> list[ExecutionReport]:
    return [told for told in one.heard.told if isinstance(told, ExecutionReport)]


@on_virtual_time
async def test_a_combo_that_is_filled_is_held_and_listed() -> None:
    async with floor() as one:
        spec = await spread(one, HIGH)
        number = await placed(one, spec)
        await until(lambda: "Filled" in statuses(one))
        book = one.market.link.account
        await until(lambda: len(book.positions()) == 2, seconds=5)
        held = {position.con_id: position.quantity for position in book.positions()}
        assert held == {leg.con_id: Decimal(2 * leg.ratio) for leg in spec.legs}
        (whole,) = {trade.con_id for trade in trades(one) if trade.is_combo}
        for leg in spec.legs:
            quantity = sum(trade.quantity for trade in trades(one) if trade.con_id == leg.con_id)
            assert quantity == 2 * leg.ratio
        listed = await one.broker.executions()
        assert {trade.execution_id for trade in listed} == {trade.execution_id for trade in trades(one)}
        assert {trade.order_id for trade in listed} == {number}
        assert whole not in held
        assert await one.broker.open_orders() == []
        (done,) = await one.broker.completed_orders()
        assert (done.order_ref, done.status, done.spec) == ("mine", "Filled", spec)
        await until(lambda: book.daily_pnl(one.broker.accounts[0]) not in {None, Decimal(0)})


@on_virtual_time
async def test_an_order_rests_is_changed_and_is_cancelled() -> None:
    async with floor() as one:
        spec = await spread(one, Decimal("0.01"))
        number = await placed(one, spec)
        await until(lambda: "Submitted" in statuses(one))
        (listed,) = await one.broker.open_orders()
        assert (listed.order_id, listed.order_ref, listed.spec) == (number, "mine", spec)
        changed = spec.with_changes(Decimal("0.02"), 1)
        await one.broker.turn()
        one.broker.place(Ticket(number, "mine", changed))
        await until(lambda: any(isinstance(t, OrderReport) and t.spec == changed for t in one.heard.told))
        await one.broker.turn()
        one.broker.cancel(number)
        await until(lambda: "Cancelled" in statuses(one))
        assert await one.broker.open_orders() == []
        assert trades(one) == []


@pytest.mark.parametrize(("quantity", "commission"), [(1, "2.0"), (5, "6.5")])
@on_virtual_time
async def test_a_what_if_answers_and_places_nothing(quantity: int, commission: str) -> None:
    async with floor() as one:
        found = await one.broker.what_if(await spread(one, HIGH, quantity))
        assert found.commission == Decimal(commission)  # 0.65 a contract, a dollar at least for each leg
        assert found.equity_after is not None
        assert found.equity_before is not None
        assert found.equity_after < found.equity_before
        assert await one.broker.open_orders() == []
        assert statuses(one) == []


@on_virtual_time
async def test_a_what_if_that_the_gateway_refuses_says_why() -> None:
    async with floor() as one:
        spec = OrderSpec((OrderLeg(424242, 1),), 1, OrderType.LIMIT, Decimal(1))
        with pytest.raises(MeshError, match="IB code 200"):
            await one.broker.what_if(spec)


@on_virtual_time
async def test_an_entry_waits_for_its_exits_and_they_for_it() -> None:
    async with floor() as one:
        low, _ = await calls(one)
        entry = OrderSpec((OrderLeg(low.con_id, 1),), 1, OrderType.LIMIT, HIGH, TimeInForce.DAY)
        exit_ = OrderSpec(entry.legs, 1, OrderType.LIMIT, Decimal(500), TimeInForce.GTC)
        parent, child = one.broker.take_order_id(), one.broker.take_order_id()
        one.broker.place(Ticket(parent, "entry", entry, transmit=False))
        await asyncio.sleep(2.0)
        assert trades(one) == []
        one.broker.place(Ticket(child, "exit", exit_, parent_id=parent, is_exit=True))
        await until(lambda: bool(trades(one)))
        await asyncio.sleep(2.0)
        (working,) = await one.broker.open_orders()
        assert (working.order_ref, working.parent_id) == ("exit", parent)
        assert working.spec is not None
        assert (working.spec.legs, working.spec.limit_price) == ((OrderLeg(low.con_id, -1),), Decimal(-500))


@on_virtual_time
async def test_groups_and_ends_of_orders_come_back_as_they_went() -> None:
    async with floor() as one:
        resting = await spread(one, Decimal("-0.50"))
        until_four = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
        grouped = replace(
            resting,
            time_in_force=TimeInForce.GTD,
            good_till=until_four,
            oca=Oca("either", OcaType.REDUCE_WITH_BLOCK),
            non_guaranteed=True,
        )
        numbers = [await placed(one, grouped, ref) for ref in ("a", "b")]
        await until(lambda: statuses(one).count("Submitted") >= 2)
        listed = {report.order_id: report for report in await one.broker.open_orders()}
        assert [listed[number].spec for number in numbers] == [grouped, grouped]
        assert [listed[number].order_ref for number in numbers] == ["a", "b"]


@on_virtual_time
async def test_a_what_if_that_is_never_answered_leaves_the_next_one_alone() -> None:
    async with floor() as one:
        asked = await spread(one, HIGH)
        fault = await one.gateway.faults.inject("what-if-unanswered")
        with pytest.raises(MeshError, match="DEADLINE_EXCEEDED"):
            await one.broker.what_if(asked)
        await one.gateway.faults.lift(fault)
        assert (await one.broker.what_if(asked)).commission is not None
