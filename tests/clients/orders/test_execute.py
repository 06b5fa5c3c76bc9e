"""A spread from ranking to fill, against a desk that fills, refuses, races and falls silent."""

import asyncio
from decimal import Decimal
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import PreconditionFailure
from spreadmesh.common.v1.contract_pb2 import Right
from spreadmesh.order.v1.order_pb2 import Order, OrderSpec, OrderState
from spreadmesh.order.v1.preview_pb2 import LimitViolation
from spreadmesh.scan.v1.candidate_pb2 import Candidate, Leg
from spreadmesh_client.orders import Outcome, OutcomeUnknownError, WalkPolicy, execute
from spreadmesh_client.orders.build import with_limit
from spreadmesh_client.orders.follower import OrderFollower

from mesh.errors import MeshError
from tests.clients.orders.desk import SPEC, Desk

POLICY = WalkPolicy(step=Decimal("0.05"))
WALK = ["-1.23", "-1.18", "-1.13", "-1.10"]
NAME = "c1"


async def a_hundred_times_faster(seconds: float) -> None:
    await asyncio.sleep(seconds / 100)


async def run(orders: Any, what: OrderSpec | Candidate = SPEC, **options: Any) -> Outcome:
    return await execute(
        orders, what, policy=options.pop("policy", POLICY), client_order_id=NAME,
        sleep=a_hundred_times_faster, settle_seconds=5, **options,
    )  # fmt: skip


async def test_it_is_filled_at_the_first_limit_that_the_market_meets(trading: Any) -> None:
    desk = Desk(fills_at="-1.14")
    shown: list[Order] = []
    async with trading(desk) as orders:
        outcome = await run(orders, show=shown.append)
    assert desk.sent == WALK[:3]
    assert outcome.state == OrderState.ORDER_STATE_FILLED
    assert outcome.is_definite
    assert (outcome.filled_quantity, outcome.average_price) == (Decimal(2), Decimal("-1.14"))
    assert outcome.commission == Decimal("2.60")
    assert [str(limit) for limit in outcome.limits] == WALK[:3]
    assert outcome.reason == ""
    assert outcome.seconds > 0
    assert [order.revision for order in shown] == [0, 1, 2, 2]


async def test_it_is_cancelled_where_the_market_does_not_come(trading: Any) -> None:
    desk = Desk()
    async with trading(desk) as orders:
        outcome = await run(orders)
    assert desk.sent == WALK
    assert desk.log[-1] == ("cancel", NAME)
    assert outcome.state == OrderState.ORDER_STATE_CANCELLED
    assert outcome.is_definite
    assert outcome.filled_quantity == 0
    assert outcome.average_price is None
    assert "the market has not met the last limit" in outcome.reason


async def test_a_candidate_and_its_bounds(trading: Any) -> None:
    candidate = Candidate(
        legs=[
            Leg(con_id=1, strike=715, right=Right.RIGHT_PUT, quantity=1),
            Leg(con_id=2, strike=720, right=Right.RIGHT_PUT, quantity=-1),
        ]
    )
    desk = Desk()
    policy = WalkPolicy(step=Decimal("0.05"), share=Decimal("0.5"), worst_price=Decimal("-1.17"))
    async with trading(desk) as orders:
        await run(orders, candidate, quantity=4, policy=policy)
    assert desk.sent == ["-1.23", "-1.18", "-1.17"]
    assert desk.orders[NAME].spec.quantity == 4


async def test_the_limit_of_an_order_is_a_worst_price(trading: Any) -> None:
    desk = Desk()
    async with trading(desk) as orders:
        await run(orders, with_limit(SPEC, Decimal("-1.20")))
    assert desk.sent == ["-1.23", "-1.20"]


async def test_nothing_is_placed_against_a_limit_of_the_server(trading: Any) -> None:
    desk = Desk()
    desk.violations = lambda limit: [LimitViolation(limit="MAX_LOSS", description="9,000 of 5,000 USD")]
    async with trading(desk) as orders:
        with pytest.raises(MeshError) as caught:
            await run(orders)
    detail = caught.value.details[0]
    assert isinstance(detail, PreconditionFailure)
    assert [each.type for each in detail.violations] == ["MAX_LOSS"]
    assert desk.log == []


async def test_a_limit_that_may_not_be_sent_ends_the_walk(trading: Any) -> None:
    desk = Desk()

    def violations(limit: Decimal) -> list[LimitViolation]:
        return [LimitViolation(limit="COLLAR", description="too far")] if limit > Decimal("-1.15") else []

    desk.violations = violations
    async with trading(desk) as orders:
        outcome = await run(orders)
    assert desk.sent == WALK[:2]
    assert outcome.state == OrderState.ORDER_STATE_CANCELLED
    assert "too far" in outcome.reason


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


@pytest.mark.parametrize(("ratio", "mid", "natural", "limits"), [
    (1, "0.004", "0.02", ["0.01", "0.02"]),
    (-1, "-0.025", "0", ["-0.03", "-0.02", "-0.01"]),
])  # fmt: skip
async def test_a_single_option_never_has_the_price_0(
    trading: Any, ratio: int, mid: str, natural: str, limits: list[str]
) -> None:
    desk = Desk(mid, natural)
    single = OrderSpec()
    single.CopyFrom(SPEC)
    del single.legs[1:]
    single.legs[0].ratio = ratio
    async with trading(desk) as orders:
        await run(orders, single, policy=WalkPolicy(step=Decimal("0.01")))
    assert desk.sent == limits


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


async def test_old_quotes_are_asked_for_again_before_they_count(trading: Any) -> None:
    desk = Desk(fills_at="-1.23")
    asked: list[Decimal] = []

    def violations(limit: Decimal) -> list[LimitViolation]:
        asked.append(limit)
        old = LimitViolation(limit="QUOTE_AGE", description="7.5 s old, more than 3 s")
        return [old] if asked.count(limit) < 3 else []

    desk.violations = violations
    async with trading(desk) as orders:
        outcome = await run(orders)
    assert outcome.state == OrderState.ORDER_STATE_FILLED
    assert asked == [Decimal(0)] * 3 + [Decimal("-1.23")] * 3


async def test_news_that_comes_late_does_not_undo_what_is_known(trading: Any) -> None:
    async with trading(Desk()) as orders:
        follower = OrderFollower(orders, NAME, asyncio.sleep)
        follower.take(Order(client_order_id=NAME, sequence=7, state=OrderState.ORDER_STATE_FILLED))
        follower.take(Order(client_order_id=NAME, sequence=6, state=OrderState.ORDER_STATE_SUBMITTED))
        follower.take(Order(client_order_id="c2", sequence=8, state=OrderState.ORDER_STATE_CANCELLED))
    assert follower.order is not None
    assert follower.order.state == OrderState.ORDER_STATE_FILLED
