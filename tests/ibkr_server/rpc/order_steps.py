"""What tests of the order services do again and again."""

from collections.abc import Awaitable
from typing import Any, Final

import grpc
import pytest
from spreadmesh.order.v1 import order_pb2 as orders_pb
from spreadmesh.order.v1 import order_service_pb2 as pb
from spreadmesh.order.v1.preview_pb2 import PreviewOrderRequest

from mesh.errors import MeshError, from_rpc_error
from tests.ibkr_server.rpc.order_samples import vertical
from tests.ibkr_server.rpc.order_world import Callers

SECONDS: Final = 10.0


async def token(callers: Callers, order: orders_pb.OrderSpec, who: str = "alice") -> str:
    answer = await callers.orders(who).PreviewOrder(PreviewOrderRequest(order=order), timeout=SECONDS)
    assert list(answer.violations) == []
    return answer.token


async def place(
    callers: Callers,
    name: str = "c1",
    order: orders_pb.OrderSpec | None = None,
    who: str = "alice",
    **rest: object,
) -> orders_pb.Order:
    order = order or vertical()
    if "preview_token" not in rest:
        rest["preview_token"] = await token(callers, order, who)
    request = pb.PlaceOrderRequest(client_order_id=name, order=order, **rest)
    return (await callers.orders(who).PlaceOrder(request, timeout=SECONDS)).order


async def refusal(call: Awaitable[Any]) -> MeshError:
    with pytest.raises(grpc.RpcError) as caught:
        await call
    return from_rpc_error(caught.value)


def kinds(error: MeshError) -> list[type]:
    return [type(detail) for detail in error.details]


def spec(limit: str = "1.05", quantity: int = 2) -> orders_pb.OrderSpec:
    order = vertical()
    order.limit_price.value, order.quantity = limit, quantity
    return order
