import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from spreadmesh.market.v1.market_data_service_pb2_grpc import add_MarketDataServiceServicer_to_server
from spreadmesh.order.v1.control_service_pb2_grpc import add_ControlServiceServicer_to_server
from spreadmesh.order.v1.order_service_pb2_grpc import add_OrderServiceServicer_to_server
from spreadmesh.scan.v1.scan_service_pb2_grpc import add_ScanServiceServicer_to_server
from spreadmesh_client import OrdersClient, connect
from spreadmesh_client.cli.app import app
from typer.testing import CliRunner

Trading = Callable[[Any], AbstractAsyncContextManager[OrdersClient]]
Serving = Callable[[Any], AbstractAsyncContextManager[str]]
Typed = Callable[..., Awaitable[Any]]


class WithRest:
    """Answers UNIMPLEMENTED to whatever a servicer lacks."""

    def __init__(self, servicer: Any) -> None:
        self._servicer = servicer

    def __getattr__(self, name: str) -> Any:
        async def unimplemented(_request: Any, context: Any) -> None:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, name)

        return getattr(self._servicer, name, unimplemented)


@asynccontextmanager
async def served(servicer: Any) -> AsyncIterator[str]:
    """The address of a server with all services."""
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    for add in (
        add_OrderServiceServicer_to_server,
        add_ControlServiceServicer_to_server,
        add_MarketDataServiceServicer_to_server,
        add_ScanServiceServicer_to_server,
    ):
        add(WithRest(servicer), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


@pytest.fixture
def serving() -> Serving:
    return served


@pytest.fixture
def trading() -> Trading:
    """A client of an order service."""

    @asynccontextmanager
    async def orders_of(servicer: Any) -> AsyncIterator[OrdersClient]:
        async with served(servicer) as address, connect(market=address) as client:
            yield client.orders

    return orders_of


@pytest.fixture
def typed(tmp_path: Path) -> Typed:
    """Runs a `spreadmesh` command against the server at an address, without a terminal."""

    async def run(address: str, *arguments: str) -> Any:
        environment = {
            "SPREADMESH_MARKET": address,
            "SPREADMESH_SCAN": address,
            "SPREADMESH_STATE_DIR": str(tmp_path),
            "COLUMNS": "150",
        }
        return await asyncio.to_thread(CliRunner().invoke, app, list(arguments), env=environment)

    return run
