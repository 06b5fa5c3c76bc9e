from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import grpc
import pytest
from spreadmesh.order.v1.order_service_pb2_grpc import add_OrderServiceServicer_to_server
from spreadmesh_client import OrdersClient, connect

Trading = Callable[[Any], AbstractAsyncContextManager[OrdersClient]]


class WithRest:
    """Answers UNIMPLEMENTED to whatever a servicer lacks."""

    def __init__(self, servicer: Any) -> None:
        self._servicer = servicer

    def __getattr__(self, name: str) -> Any:
        async def unimplemented(_request: Any, context: Any) -> None:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, name)

        return getattr(self._servicer, name, unimplemented)


@asynccontextmanager
async def serving(servicer: Any) -> AsyncIterator[str]:
    """The address of an order service."""
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    add_OrderServiceServicer_to_server(WithRest(servicer), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


@pytest.fixture
def trading() -> Trading:
    """A client of an order service."""

    @asynccontextmanager
    async def orders_of(servicer: Any) -> AsyncIterator[OrdersClient]:
        async with serving(servicer) as address, connect(market=address) as client:
            yield client.orders

    return orders_of
