"""Walked orders against fills that race, answers that are lost, and programs that end."""

import asyncio
from decimal import Decimal
from typing import Any

import grpc
import pytest
from spreadmesh.order.v1.order_pb2 import Order, OrderState
from spreadmesh_client.orders import OutcomeUnknownError, WalkPolicy, execute
from spreadmesh_client.orders.build import with_limit
from spreadmesh_client.orders.follower import OrderFollower

from mesh.errors import MeshError
from tests.clients.orders.desk import SPEC, Desk
from tests.clients.orders.walking import NAME, WALK, run


async def test_a_fill_that_comes_before_a_replacement_counts(trading: Any) -> None:
    desk = Desk()

    async def fill_first(request: Any, _context: Any) -> None:
        desk.fill(NAME, "-1.23")

    desk.before["replace"] = fill_first
    async with trading(desk) as orders:
        outcome = await run(orders)
    assert desk.sent == WALK[:1]
    assert ("cancel", NAME) not in desk.log
    assert outcome.state == OrderState.ORDER_STATE_FILLED
    assert outcome.average_price == Decimal("-1.23")


async def test_a_fill_that_comes_before_the_cancellation_counts(trading: Any) -> None:
    desk = Desk()

    async def fill_first(request: Any, _context: Any) -> None:
        desk.fill(NAME, "-1.10")

    desk.before["cancel"] = fill_first
    async with trading(desk) as orders:
        outcome = await run(orders)
    assert outcome.state == OrderState.ORDER_STATE_FILLED
    assert outcome.reason == ""
    assert outcome.filled_quantity == 2


async def test_what_was_filled_before_the_rest_is_cancelled_is_told(trading: Any) -> None:
    desk = Desk()

    async def fill_one(request: Any, _context: Any) -> None:
        desk.fill(NAME, "-1.20", 1)

    desk.before["cancel"] = fill_one
    async with trading(desk) as orders:
        outcome = await run(orders)
    assert outcome.state == OrderState.ORDER_STATE_CANCELLED
    assert outcome.filled_quantity == 1
    assert outcome.average_price == Decimal("-1.20")
    assert outcome.reason


async def test_an_order_that_the_gateway_does_not_answer_stays_unknown(trading: Any) -> None:
    desk = Desk()
    place, cancel = desk.PlaceOrder, desk.CancelOrder

    async def unanswered(request: Any, context: Any) -> Any:
        answer = await place(request, context)
        answer.order.CopyFrom(desk.change(NAME, state=OrderState.ORDER_STATE_UNKNOWN))
        return answer

    async def noted(request: Any, context: Any) -> Any:
        answer = await cancel(request, context)
        answer.order.CopyFrom(desk.change(NAME, state=OrderState.ORDER_STATE_UNKNOWN))
        return answer

    desk.PlaceOrder, desk.CancelOrder = unanswered, noted  # type: ignore[method-assign] # another market
    async with trading(desk) as orders:
        outcome = await run(orders)
    assert desk.sent == WALK[:1]
    assert ("cancel", NAME) in desk.log
    assert outcome.state == OrderState.ORDER_STATE_UNKNOWN
    assert not outcome.is_definite
    assert "has not answered" in outcome.reason


async def test_an_order_whose_answer_was_lost_is_found_and_walked(trading: Any) -> None:
    desk = Desk(fills_at="-1.18")
    place = desk.PlaceOrder

    async def lost(request: Any, context: Any) -> Any:
        await place(request, context)
        await context.abort(2, "lost")

    desk.PlaceOrder = lost  # type: ignore[method-assign] # another market
    async with trading(desk) as orders:
        outcome = await run(orders)
    assert outcome.state == OrderState.ORDER_STATE_FILLED
    assert desk.sent == WALK[:2]


async def test_an_order_that_may_have_been_placed_is_told_by_its_name(trading: Any) -> None:
    desk = Desk()

    async def broken(_request: Any, context: Any) -> None:
        await context.abort(2, "lost")

    desk.before["place"] = broken
    async with trading(desk) as orders:
        with pytest.raises(OutcomeUnknownError):
            await run(orders)


async def test_an_order_cancelled_by_hand_ends_the_walk(trading: Any) -> None:
    desk = Desk()

    async def by_hand(request: Any, _context: Any) -> None:
        if request.order.limit_price.value == WALK[1]:
            desk.change(NAME, state=OrderState.ORDER_STATE_CANCELLED, reason="cancelled in TWS")

    desk.before["preview"] = by_hand
    async with trading(desk) as orders:
        outcome = await run(orders)
    assert outcome.state == OrderState.ORDER_STATE_CANCELLED
    assert outcome.reason == "cancelled in TWS"


async def test_a_program_that_is_interrupted_cancels_its_order(trading: Any) -> None:
    desk = Desk()
    async with trading(desk) as orders:
        placed = asyncio.Event()
        slowly = WalkPolicy(seconds_per_step=600)
        walking = asyncio.create_task(
            execute(orders, SPEC, policy=slowly, client_order_id=NAME, show=lambda order: placed.set())
        )
        await placed.wait()
        walking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await walking
    assert desk.orders[NAME].state == OrderState.ORDER_STATE_CANCELLED


async def test_it_goes_on_without_its_stream(trading: Any) -> None:
    desk = Desk(fills_at="-1.14")

    async def denied(_request: Any, context: Any) -> None:
        await context.abort(7, "no streams for you")

    desk.before["watch"] = denied
    async with trading(desk) as orders:
        outcome = await run(orders)
    assert outcome.state == OrderState.ORDER_STATE_FILLED


async def test_another_order_of_that_name_is_not_taken_for_ours(trading: Any) -> None:
    desk = Desk()
    other = with_limit(SPEC, Decimal("-9.99"))
    desk.change(NAME, spec=other, state=OrderState.ORDER_STATE_SUBMITTED)
    async with trading(desk) as orders:
        with pytest.raises(MeshError) as caught:
            await run(orders)
    assert caught.value.code is grpc.StatusCode.ALREADY_EXISTS
    assert desk.orders[NAME].state == OrderState.ORDER_STATE_SUBMITTED
    assert desk.log == []


async def test_news_that_comes_late_does_not_undo_what_is_known(trading: Any) -> None:
    async with trading(Desk()) as orders:
        follower = OrderFollower(orders, NAME, asyncio.sleep)
        follower.take(Order(client_order_id=NAME, sequence=7, state=OrderState.ORDER_STATE_FILLED))
        follower.take(Order(client_order_id=NAME, sequence=6, state=OrderState.ORDER_STATE_SUBMITTED))
        follower.take(Order(client_order_id="c2", sequence=8, state=OrderState.ORDER_STATE_CANCELLED))
    assert follower.order is not None
    assert follower.order.state == OrderState.ORDER_STATE_FILLED
