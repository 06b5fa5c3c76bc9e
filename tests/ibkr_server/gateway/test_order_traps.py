"""What ib_insync makes of orders, shown in the library itself, and that none of it reaches us."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal

import pytest
from ib_insync import IB, Contract, LimitOrder, Trade

from ibkr_server.orders.broker import ExecutionReport, OrderReport, StatusReport, Ticket
from ibkr_server.orders.spec import OrderLeg, OrderSpec, OrderType
from tests.ibkr_server.gateway.scripted import Desk, desk, framed, on_virtual_time, until
from tests.ibkr_server.gateway.wire_orders import (
    commission,
    completed_order,
    error,
    execution,
    open_order,
    order_status,
)

CALL = OrderSpec((OrderLeg(1001, 1),), 1, OrderType.LIMIT, Decimal("2.50"))


async def library(*messages: Sequence[object]) -> tuple[IB, Trade]:
    """A session of the library's own with an order of ours, after these messages."""
    ib = IB()  # type: ignore[no-untyped-call]  # the library's constructor has no annotations
    ib.client._serverVersion = ib.client.decoder.serverVersion = 176  # as after a handshake
    ib.client._apiReady, ib.client.connState = True, ib.client.CONNECTED
    ib.wrapper.clientId = ib.client.clientId = 1
    trade = ib.placeOrder(Contract(conId=1001), LimitOrder("BUY", 1, 2.5, orderId=41, clientId=1))
    for message in messages:
        ib.client.conn.hasData.emit(framed(*message))
    return ib, trade


async def placed(both: Desk) -> None:
    """An order that the gateway has acknowledged."""
    await both.broker.turn()
    both.broker.place(Ticket(41, "mine", CALL))
    await both.gateway.hear(3)
    both.gateway.send(*open_order())
    both.gateway.send(*order_status())
    await both.settle()


@pytest.mark.parametrize("code", [103, 104, 105, 161, 201, 321, 329, 10147, 10148, 10349, 987654])
@on_virtual_time
async def test_an_error_on_a_live_order_is_told_and_changes_nothing(code: int) -> None:
    _, trade = await library(open_order(), order_status(), error(41, code))
    assert trade.orderStatus.status == "Cancelled"  # the trap
    async with desk() as both:
        await placed(both)
        both.heard.told.clear()
        both.gateway.send(*error(41, code, "why"))
        await both.settle()
        assert both.heard.told == [(41, code, "why")]
        assert both.market.link.state.errors[code] == 1


@on_virtual_time
async def test_a_corrected_execution_is_told_as_it_is_and_not_added_up() -> None:
    corrected = [execution("e.5f.01.01", shares=5), execution("e.5f.01.02", shares=4)]
    _, trade = await library(open_order(), *corrected)
    assert trade.filled() == 9  # the trap
    async with desk() as both:
        for message in corrected:
            both.gateway.send(*message)
        await both.settle()
        told = [
            (one.execution_id, one.quantity) for one in both.heard.told if isinstance(one, ExecutionReport)
        ]
        assert told == [("e.5f.01.01", Decimal(5)), ("e.5f.01.02", Decimal(4))]


@on_virtual_time
async def test_fills_that_were_asked_for_are_told_as_live_ones_are() -> None:
    ib, _ = await library(open_order())
    events: list[object] = []
    ib.execDetailsEvent += lambda trade, fill: events.append(fill)
    asked = asyncio.ensure_future(ib.reqExecutionsAsync())
    number = ib.client._reqIdSeq - 1
    for message in (execution("e.01", request_id=number), (55, 1, number)):
        ib.client.conn.hasData.emit(framed(*message))
    assert (len(await asked), events) == (1, [])  # the trap
    async with desk() as both:
        listed = asyncio.create_task(both.broker.executions())
        number = int((await both.gateway.hear(7))[2])
        both.gateway.send(*execution("e.01", request_id=number))
        both.gateway.send(*commission("e.01", realized="-12.3"))
        both.gateway.send(55, 1, number)
        (execution_told,) = await listed
        assert both.heard.told[0] == execution_told
        assert both.heard.told[1].realized_pnl == Decimal("-12.3")  # type: ignore[attr-defined]  # it has


@on_virtual_time
async def test_two_orders_of_one_number_are_two_orders() -> None:
    twins = [open_order(perm_id=900), open_order(perm_id=901)]
    ib, _ = await library(*twins)
    assert len(ib.trades()) == 1  # the trap
    async with desk() as both:
        for message in twins:
            both.gateway.send(*message)
        await both.settle()
        told = [one for one in both.heard.told if isinstance(one, OrderReport)]
        assert [(one.perm_id, one.order_ref) for one in told] == [(900, "mine"), (901, "mine")]


@on_virtual_time
async def test_what_is_told_of_an_order_that_nobody_knows_arrives() -> None:
    async with desk() as both:
        both.gateway.send(*order_status(7, "Submitted", client_id=5, filled="2", remaining="1", price="1.25"))
        both.gateway.send(*execution("e.01", order_id=2**31 - 1, side="SLD", shares=3, client_id=0, ref=""))
        await both.settle()
        status, trade = both.heard.told
        assert isinstance(status, StatusReport)
        assert (status.order_id, status.client_id, status.filled) == (7, 5, Decimal(2))
        assert (status.remaining, status.average_price) == (Decimal(1), Decimal("1.25"))
        assert isinstance(trade, ExecutionReport)
        assert (trade.order_id, trade.quantity) == (0, Decimal(-3))


@on_virtual_time
async def test_a_disconnection_takes_nothing_from_us_and_the_next_session_tells_all_anew() -> None:
    async with desk() as both:
        await placed(both)
        number = both.broker.next_order_id
        both.gateway.hang_up()
        await until(lambda: not both.broker.can_send)
        assert both.heard.could_send[-1] is False
        assert both.broker.accounts == ("DU1234567",)
        await until(lambda: both.broker.connections == 2 and both.broker.can_send)
        assert both.broker.next_order_id == number == 42  # though the gateway names 41 again
        listed = asyncio.create_task(both.broker.open_orders())
        await both.gateway.hear(16)
        both.gateway.send(*open_order())
        both.gateway.send(53, 1)
        assert [report.order_ref for report in await listed] == ["mine"]


@on_virtual_time
async def test_the_library_keeps_nothing_of_what_is_told() -> None:
    async with desk() as both:
        await placed(both)
        both.gateway.send(*execution("e.01"))
        await both.settle()
        ib = both.market.link.session().ib
        assert (ib.trades(), ib.fills(), ib.positions()) == ([], [], [])


@on_virtual_time
async def test_a_completed_order_says_how_it_ended() -> None:
    async with desk() as both:
        listed = asyncio.create_task(both.broker.completed_orders())
        await both.gateway.hear(99)
        both.gateway.send(
            *completed_order(perm_id=901, filled="0", status="Cancelled", reason="Cancelled by Trader")
        )
        both.gateway.send(102)
        (report,) = await listed
        assert (report.perm_id, report.status, report.filled) == (901, "Cancelled", Decimal(0))
        assert report.reason == "Cancelled by Trader"
        assert report.spec is not None
        assert report.spec.limit_price == Decimal("2.5")
