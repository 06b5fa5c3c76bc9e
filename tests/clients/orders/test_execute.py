"""A spread from ranking to fill, against a desk that fills, refuses, races and falls silent."""

from decimal import Decimal
from typing import Any

import pytest
from google.rpc.error_details_pb2 import PreconditionFailure
from spreadmesh.common.v1.contract_pb2 import Right
from spreadmesh.order.v1.order_pb2 import Order, OrderSpec, OrderState
from spreadmesh.order.v1.preview_pb2 import LimitViolation
from spreadmesh.scan.v1.candidate_pb2 import Candidate, Leg
from spreadmesh_client.orders import WalkPolicy
from spreadmesh_client.orders.build import with_limit

from mesh.errors import MeshError
from tests.clients.orders.desk import SPEC, Desk
from tests.clients.orders.walking import NAME, WALK, run


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
