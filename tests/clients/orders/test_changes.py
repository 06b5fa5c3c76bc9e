"""Placing, changing and cancelling over connections that break."""

import asyncio
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import PreconditionFailure
from spreadmesh.order.v1.order_pb2 import Order, OrderState
from spreadmesh_client.orders import OutcomeUnknownError
from spreadmesh_client.orders.build import with_limit
from spreadmesh_client.orders.decimals import Decimal

from mesh.errors import MeshError, failed_precondition, unavailable
from tests.clients.orders.desk import SPEC, Desk, refuse, unavailable_once

ORDER = with_limit(SPEC, Decimal("-1.20"))
TOKEN = "token -1.20"


def failing(count: int, error: MeshError | None = None) -> Any:
    """The first calls fail before anything is done."""
    calls = iter(range(count))

    async def before(request: Any, context: Any) -> None:
        if next(calls, None) is not None:
            await (refuse(context, error) if error else unavailable_once(request, context))

    return before


async def place(orders: Any, seconds: float = 5) -> Order:
    placed: Order = await orders.place(
        ORDER, client_order_id="c1", preview_token=TOKEN, timeout_seconds=seconds
    )
    return placed


async def test_an_order_is_placed_once_although_its_answer_is_lost(trading: Any) -> None:
    desk = Desk()
    seen = []

    async def lose_the_answer(request: Any, context: Any) -> None:
        seen.append(request)
        if len(seen) == 1:
            desk.change("c1", spec=request.order, state=OrderState.ORDER_STATE_SUBMITTED)
            await unavailable_once(request, context)

    desk.before["place"] = lose_the_answer
    async with trading(desk) as orders:
        order = await place(orders)
    assert order.state == OrderState.ORDER_STATE_SUBMITTED
    assert len(seen) == 1  # the second call found the order
    assert list(desk.orders) == ["c1"]


async def test_a_retry_is_the_very_same_request(trading: Any) -> None:
    desk = Desk()
    requests = []
    fail = failing(2)

    async def note(request: Any, context: Any) -> None:
        requests.append(request)
        await fail(request, context)

    desk.before["place"] = note
    async with trading(desk) as orders:
        await place(orders)
    assert len(requests) == 3
    assert requests[0] == requests[1] == requests[2]


async def test_what_was_certainly_not_sent_is_told_as_such(trading: Any) -> None:
    desk = Desk()
    desk.before["place"] = failing(99, unavailable("not ready", 0.1))
    async with trading(desk) as orders:
        with pytest.raises(MeshError, match="not ready") as caught:
            await place(orders, 0.5)
    assert not isinstance(caught.value, OutcomeUnknownError)


@pytest.mark.parametrize("later", [None, unavailable("not ready", 0.1)], ids=["broken", "refused later"])
async def test_an_outcome_that_nobody_told_is_unknown(trading: Any, later: MeshError | None) -> None:
    desk = Desk()
    first, then = failing(1), failing(99, later)

    async def before(request: Any, context: Any) -> None:
        await first(request, context)
        await then(request, context)

    desk.before["place"] = before
    async with trading(desk) as orders:
        with pytest.raises(OutcomeUnknownError, match="not known whether it was done"):
            await place(orders, 0.6)


async def test_no_answer_within_the_deadline_is_unknown(trading: Any) -> None:
    async def never(_request: Any, _context: Any) -> None:
        await asyncio.sleep(30)

    desk = Desk()
    desk.before["place"] = never
    async with trading(desk) as orders:
        with pytest.raises(OutcomeUnknownError) as caught:
            await place(orders, 0.2)
    assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_a_refusal_is_final_and_has_its_violations(trading: Any) -> None:
    desk = Desk()
    first = failing(1)

    async def before(request: Any, context: Any) -> None:
        await first(request, context)
        await refuse(context, failed_precondition("MAX_LOSS", "order", "9,000 of 5,000 USD"))

    desk.before["place"] = before
    async with trading(desk) as orders:
        with pytest.raises(MeshError) as caught:
            await place(orders)
    assert not isinstance(caught.value, OutcomeUnknownError)
    detail = caught.value.details[0]
    assert isinstance(detail, PreconditionFailure)
    assert detail.violations[0].type == "MAX_LOSS"


async def test_a_name_with_another_order_is_refused(trading: Any) -> None:
    async with trading(Desk()) as orders:
        await place(orders)
        with pytest.raises(MeshError) as caught:
            await orders.place(with_limit(SPEC, Decimal("-1.10")), client_order_id="c1")
    assert caught.value.code is grpc.StatusCode.ALREADY_EXISTS


async def test_all_pages_of_a_list_are_read(trading: Any) -> None:
    desk = Desk()
    for number in range(5):
        desk.change(f"c{number}", state=OrderState.ORDER_STATE_SUBMITTED)
    async with trading(desk) as orders:
        found = await orders.list()
        three = await orders.list(most=3)
    assert [order.client_order_id for order in found] == ["c4", "c3", "c2", "c1", "c0"]
    assert [order.client_order_id for order in three] == ["c4", "c3", "c2"]
