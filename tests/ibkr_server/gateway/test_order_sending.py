import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ibkr_server.failpoints import Failpoint
from ibkr_server.gateway import order_broker
from ibkr_server.gateway.order_numbers import OrderNumbers
from ibkr_server.gateway.order_translation import place_message
from ibkr_server.gateway.pacer import Lane
from ibkr_server.orders.broker import Ticket
from ibkr_server.orders.order_ids import FIRST_REQUEST_ID
from ibkr_server.orders.spec import OrderLeg, OrderSpec, OrderType
from mesh.errors import MeshError
from tests.ibkr_server.gateway.scripted import NOON, ScriptedGateway, desk, on_virtual_time, until
from tests.ibkr_server.gateway.wire_orders import error, execution, open_order, order_status

CALL = OrderSpec((OrderLeg(1001, 1),), 1, OrderType.LIMIT, Decimal("2.50"))
TICKET = Ticket(41, "mine", CALL)


@on_virtual_time
async def test_orders_and_cancellations_arrive_as_they_were_written() -> None:
    async with desk() as both:
        await both.broker.turn()
        both.broker.place(TICKET)
        both.broker.cancel(41)
        both.broker.cancel_everything()
        assert (await both.gateway.hear(3))[1] == "41"
        assert await both.gateway.hear(4) == ["4", "1", "41", ""]
        assert await both.gateway.hear(58) == ["58", "1"]


@on_virtual_time
async def test_an_order_does_not_wait_behind_market_data() -> None:
    async with desk() as both:
        waiting = [asyncio.create_task(both.market.pacer.turn(Lane.MARKET_DATA)) for _ in range(30)]
        await asyncio.sleep(0)
        await both.broker.turn()
        both.broker.place(TICKET)
        assert sum(task.done() for task in waiting) <= 1
        await asyncio.gather(*waiting)


@on_virtual_time
async def test_without_a_session_nothing_is_sent() -> None:
    gateway = ScriptedGateway()
    async with desk(gateway) as both:
        both.gateway.hang_up()
        await until(lambda: not both.broker.can_send)
        for attempt in (lambda: both.broker.place(TICKET), lambda: both.broker.cancel(41)):
            with pytest.raises(MeshError, match="UNAVAILABLE"):
                attempt()
        with pytest.raises(MeshError, match="UNAVAILABLE"):
            await both.broker.turn()
        with pytest.raises(MeshError, match="UNAVAILABLE"):
            await both.broker.what_if(CALL)
        await until(lambda: both.broker.can_send)
        await both.settle()
        assert gateway.received == []


@pytest.mark.parametrize("code", [1100, 2110])
@on_virtual_time
async def test_while_the_gateway_is_cut_off_cancellations_pass_and_orders_do_not(code: int) -> None:
    async with desk() as both:
        both.gateway.send(*error(-1, code))
        await both.settle()
        assert not both.broker.can_send
        with pytest.raises(MeshError, match="UNAVAILABLE"):
            both.broker.place(TICKET)
        both.broker.cancel(41)
        await both.gateway.hear(4)
        both.gateway.send(*error(-1, 1102))
        await both.settle()
        assert both.broker.can_send
        assert both.heard.could_send[-2:] == [False, True]
        assert both.gateway.of_kind(3) == []


@on_virtual_time
async def test_a_gateway_that_is_cut_off_when_it_is_reached_gets_no_order() -> None:
    gateway = ScriptedGateway()
    gateway.greeting = [(4, 2, -1, 2104, "farm", ""), (4, 2, -1, 1100, "lost", "")]
    async with desk(gateway) as both:
        assert both.heard.could_send
        assert not any(both.heard.could_send)


@pytest.mark.parametrize(("minutes", "can_send"), [(-3, True), (-1, False), (1, False), (3, True)])
@on_virtual_time
async def test_around_the_announced_restart_orders_are_held_back(minutes: int, can_send: bool) -> None:
    restart = datetime.fromtimestamp(NOON, UTC) - timedelta(minutes=minutes)
    async with desk(gateway_restart=f"{restart:%H:%M} UTC") as both:
        assert both.broker.can_send is can_send


@on_virtual_time
async def test_a_gateway_that_says_nothing_gets_no_order() -> None:
    async with desk() as both:
        both.gateway.tells_time = False
        await asyncio.sleep(3.0)
        assert not both.broker.can_send
        with pytest.raises(MeshError, match="UNAVAILABLE"):
            both.broker.place(TICKET)


@on_virtual_time
async def test_an_order_waits_for_a_sign_of_life_and_a_gateway_that_has_stopped_gets_none() -> None:
    async with desk() as both:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(0.9)  # almost until the next beat
        began = loop.time()
        await both.broker.turn()
        assert loop.time() - began < 0.1
        both.gateway.tells_time = False
        await asyncio.sleep(0.5)
        assert both.broker.can_send  # nothing is known of it yet
        with pytest.raises(MeshError, match="UNAVAILABLE"):
            await both.broker.turn()


@on_virtual_time
async def test_half_an_order_has_left_at_the_point_of_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[int] = []

    def crash(point: Failpoint) -> None:
        left.append(both.market.link.session().ib.client.conn.numBytesSent)
        assert point is Failpoint.MID_WRITE

    async with desk() as both:
        before = both.market.link.session().ib.client.conn.numBytesSent
        monkeypatch.setattr(order_broker, "is_armed", lambda point: point is Failpoint.MID_WRITE)
        monkeypatch.setattr(order_broker, "crash_at", crash)
        both.broker.place(TICKET)
        assert left == [before + len(place_message(176, TICKET, "")) // 2]


@on_virtual_time
async def test_behind_bytes_that_a_stalled_gateway_does_not_take_no_order_is_left() -> None:
    async with desk() as both:
        transport = both.market.link.session().ib.client.conn.transport
        both.gateway.stall()
        transport.write(b"\0\0\0\2x\0" * 4_000_000)
        assert transport.get_write_buffer_size() > 0
        assert not both.broker.can_send
        for attempt in (lambda: both.broker.place(TICKET), lambda: both.broker.cancel(41)):
            with pytest.raises(MeshError, match="UNAVAILABLE"):
                attempt()


@on_virtual_time
async def test_a_turn_that_does_not_come_is_told_before_anything_is_sent() -> None:
    async with desk() as both:
        both.market.pacer.hold(60.0)
        with pytest.raises(MeshError, match="UNAVAILABLE: the gateway does not keep up"):
            await both.broker.turn()


@on_virtual_time
async def test_after_a_duplicate_number_the_gateway_is_asked_for_its_next() -> None:
    async with desk() as both:
        both.gateway.send(*error(41, 103, "Duplicate order id"))
        await both.settle()
        await both.broker.turn()
        assert await both.gateway.hear(8) == ["8", "1", "1"]
        both.gateway.send(9, 1, 500)
        await both.settle()
        assert both.broker.take_order_id() == 500
        await both.broker.turn()
        assert len(both.gateway.of_kind(8)) == 1


@on_virtual_time
async def test_numbers_are_above_all_that_were_told_whosever_orders_they_are() -> None:
    async with desk() as both:
        for told, number in (
            (open_order(70), 71),
            (order_status(80, client_id=2), 81),
            (execution("a.01", order_id=9000, client_id=3), 9001),
        ):
            both.gateway.send(*told)
            await both.settle()
            assert both.broker.take_order_id() == number
        for none in (-1, 0, FIRST_REQUEST_ID, 2**31 - 1):  # by hand, or no number at all
            both.gateway.send(*open_order(none, client_id=0))
        await both.settle()
        assert both.broker.take_order_id() == 9002


def test_numbers_never_fall() -> None:
    numbers = OrderNumbers()
    assert numbers.take() == 1
    numbers.told(41)
    assert [numbers.take(), numbers.take(7), numbers.take(50)] == [41, 42, 50]
    numbers.told(3)
    assert numbers.take() == 51


def test_numbers_of_orders_stay_below_those_of_requests() -> None:
    numbers = OrderNumbers()
    numbers.told(FIRST_REQUEST_ID)
    with pytest.raises(MeshError, match="reset"):
        numbers.take()


@on_virtual_time
async def test_an_error_of_a_request_is_none_of_an_order() -> None:
    async with desk() as both:
        asked = asyncio.create_task(
            both.market.link.request(Lane.REQUESTS, lambda ib: ib.reqMatchingSymbolsAsync("X"))
        )
        number = int((await both.gateway.hear(81))[1])
        assert number >= FIRST_REQUEST_ID
        both.gateway.send(*error(number, 321))
        await both.settle()
        assert both.heard.told == []
        asked.cancel()
