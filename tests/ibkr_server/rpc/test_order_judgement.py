"""What takes contracts and the market to judge gets its status too, from the preview as from placing."""

from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, PreconditionFailure
from spreadmesh.order.v1 import order_pb2 as orders_pb
from spreadmesh.order.v1 import order_service_pb2 as pb
from spreadmesh.order.v1.preview_pb2 import PreviewOrderRequest

from tests.ibkr_server.rpc.order_steps import SECONDS, kinds, refusal, spec
from tests.ibkr_server.rpc.order_world import EXPIRED, OTHER_UNDERLYING, Callers, OrderWorld


@pytest.fixture
async def callers(tmp_path: Path) -> AsyncIterator[Callers]:
    async with OrderWorld(tmp_path).callers() as served:
        yield served


def asked(callers: Callers, name: str, order: orders_pb.OrderSpec) -> Awaitable[Any]:
    if name == "PreviewOrder":
        return callers.orders().PreviewOrder(PreviewOrderRequest(order=order), timeout=SECONDS)
    request = pb.PlaceOrderRequest(client_order_id="c1", order=order)
    return callers.orders().PlaceOrder(request, timeout=SECONDS)


def with_second_leg(con_id: int) -> orders_pb.OrderSpec:
    order = spec()
    order.legs[1].con_id = con_id
    return order


@pytest.mark.parametrize("name", ["PreviewOrder", "PlaceOrder"])
@pytest.mark.parametrize(
    ("order", "field"),
    [
        (with_second_leg(999), "order.legs[1].con_id"),
        (with_second_leg(OTHER_UNDERLYING), "order.legs[1].con_id"),
        (spec("1.055"), "order.limit_price"),
    ],
    ids=["an unknown contract", "mixed underlyings", "off the tick"],
)
async def test_what_makes_no_sense_for_its_contracts(callers, name, order, field):
    error = await refusal(asked(callers, name, order))
    assert (error.code, kinds(error)) == (grpc.StatusCode.INVALID_ARGUMENT, [BadRequest])
    assert [violation.field for violation in error.details[0].field_violations] == [field]


@pytest.mark.parametrize("name", ["PreviewOrder", "PlaceOrder"])
async def test_a_contract_that_has_expired(callers, name):
    error = await refusal(asked(callers, name, with_second_leg(EXPIRED)))
    assert error.code is grpc.StatusCode.FAILED_PRECONDITION
    assert set(kinds(error)) == {PreconditionFailure, ErrorInfo}
    assert error.details[0].violations[0].type == "CONTRACT_EXPIRED"
