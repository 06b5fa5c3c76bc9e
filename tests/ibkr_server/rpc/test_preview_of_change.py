"""A preview of what a working order would become is judged, and its token holds, as ReplaceOrder does."""

from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest
from spreadmesh.common.v1.decimal_pb2 import Decimal as DecimalMessage
from spreadmesh.order.v1 import order_pb2 as orders_pb
from spreadmesh.order.v1.order_service_pb2 import ReplaceOrderRequest
from spreadmesh.order.v1.preview_pb2 import PreviewOrderRequest, PreviewOrderResponse

from ibkr_server.risk.limits import parse_limits
from tests.ibkr_server.rpc.order_steps import SECONDS, place, refusal, spec
from tests.ibkr_server.rpc.order_world import Callers, OrderWorld


@pytest.fixture
async def callers(tmp_path: Path) -> Any:
    world = OrderWorld(tmp_path, ack_seconds=0.3, risk_limits=parse_limits("*: live_orders=1"))
    async with world.callers() as served:
        yield served


async def preview(
    callers: Callers, order: orders_pb.OrderSpec, replaces: str, who: str = "alice"
) -> PreviewOrderResponse:
    request = PreviewOrderRequest(order=order, replaces=replaces)
    return await callers.orders(who).PreviewOrder(request, timeout=SECONDS)


async def test_it_is_no_order_more_and_its_token_changes_the_order(callers: Callers) -> None:
    await place(callers)
    changed = spec("1.06", quantity=3)
    one_more = await preview(callers, changed, "")
    assert [each.limit for each in one_more.violations] == ["LIVE_ORDERS"]
    found = await preview(callers, changed, "c1")
    assert list(found.violations) == []
    request = ReplaceOrderRequest(
        client_order_id="c1",
        revision=1,
        limit_price=DecimalMessage(value="1.06"),
        quantity=3,
        preview_token=found.token,
    )
    assert (await callers.orders().ReplaceOrder(request, timeout=SECONDS)).order.revision == 1


@pytest.mark.parametrize(("who", "name"), [("alice", "c2"), ("bob", "c1")])
async def test_of_no_order_of_the_caller_s(callers: Callers, who: str, name: str) -> None:
    await place(callers)
    error = await refusal(preview(callers, spec("1.06"), name, who))
    assert error.code is grpc.StatusCode.NOT_FOUND


async def test_more_than_limit_and_quantity_can_not_change(callers: Callers) -> None:
    await place(callers)
    other = spec("1.06")
    other.legs[0].con_id += 2
    for order, name, field in ((other, "c1", "order"), (spec("1.06"), "a b", "replaces")):
        error = await refusal(preview(callers, order, name))
        assert error.code is grpc.StatusCode.INVALID_ARGUMENT
        (detail,) = error.details
        assert isinstance(detail, BadRequest)
        assert [violation.field for violation in detail.field_violations] == [field]
