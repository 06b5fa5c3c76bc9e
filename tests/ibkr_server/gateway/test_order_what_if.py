import asyncio
from decimal import Decimal

import pytest

from ibkr_server.orders.broker import WhatIf
from ibkr_server.orders.spec import OrderLeg, OrderSpec, OrderType
from mesh.errors import MeshError
from tests.ibkr_server.gateway.scripted import NEXT_ORDER_ID, Desk, desk, on_virtual_time
from tests.ibkr_server.gateway.wire_orders import UNSET, error, open_order

SPREAD = OrderSpec((OrderLeg(1, 1), OrderLeg(2, -1)), 1, OrderType.LIMIT, Decimal("1.20"))
MARGINS = ("100.00", "90.00", "5000.00", "20.50", "10.00", "-120.00", "120.50", "100.00", "4880.00")


async def asked(both: Desk) -> tuple[asyncio.Task[WhatIf], int]:
    """A question under way, and its number."""
    task = asyncio.create_task(both.broker.what_if(SPREAD))
    sent = await both.gateway.hear(3)
    return task, int(sent[1])


@on_virtual_time
async def test_the_answer_is_the_one_with_numbers() -> None:
    async with desk() as both:
        task, number = await asked(both)
        assert number == NEXT_ORDER_ID
        both.gateway.send(*open_order(number, what_if=True, status="PreSubmitted"))
        await both.settle()
        assert not task.done()
        costs = ("1.30", UNSET, UNSET, "USD")
        both.gateway.send(
            *open_order(number, what_if=True, margins=MARGINS, commissions=costs, warning="beware")
        )
        assert await task == WhatIf(
            initial_before=Decimal(100),
            initial_after=Decimal("120.5"),
            maintenance_before=Decimal(90),
            maintenance_after=Decimal(100),
            equity_before=Decimal(5000),
            equity_after=Decimal(4880),
            commission=Decimal("1.3"),
            min_commission=None,
            max_commission=None,
            warning="beware",
        )
        assert both.heard.told == []


@pytest.mark.parametrize("sentinels", [0, 1])
@on_virtual_time
async def test_without_numbers_it_is_given_up_after_five_seconds(sentinels: int) -> None:
    async with desk() as both:
        loop = asyncio.get_running_loop()
        began = loop.time()
        task, number = await asked(both)
        for _ in range(sentinels):
            both.gateway.send(*open_order(number, what_if=True))
        with pytest.raises(MeshError, match="DEADLINE_EXCEEDED"):
            await task
        assert loop.time() - began == pytest.approx(5.0, abs=0.1)


@on_virtual_time
async def test_two_at_a_time_get_each_its_own_answer() -> None:
    async with desk() as both:
        (first, one), (second, two) = await asked(both), await asked(both)
        assert one != two
        both.gateway.send(*open_order(two, what_if=True, margins=("2",) * 9))
        both.gateway.send(*open_order(one, what_if=True, margins=("1",) * 9))
        assert ((await first).initial_after, (await second).initial_after) == (Decimal(1), Decimal(2))


@on_virtual_time
async def test_a_refusal_says_why_and_is_no_matter_of_any_order() -> None:
    async with desk() as both:
        task, number = await asked(both)
        both.gateway.send(*error(number, 399, "Warning: your order will wait"))
        await both.settle()
        assert not task.done()
        both.gateway.send(*error(number, 110, "The price does not conform"))
        with pytest.raises(MeshError, match="IB code 110"):
            await task
        both.gateway.send(*error(number, 201, "late"))
        await both.settle()
        assert both.heard.told == []


@on_virtual_time
async def test_a_disconnection_ends_the_question() -> None:
    async with desk() as both:
        task, _ = await asked(both)
        both.gateway.hang_up()
        with pytest.raises(MeshError, match="UNAVAILABLE"):
            await task


@on_virtual_time
async def test_orders_and_questions_never_share_a_number() -> None:
    async with desk() as both:
        mine = both.broker.take_order_id()
        _, number = await asked(both)
        later = both.broker.take_order_id(at_least=100)
        _, last = await asked(both)
        assert [mine, number, later, last] == [41, 42, 100, 101]
