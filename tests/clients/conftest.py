"""Small real servers on real channels, scripted by each test."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from spreadmesh.market.v1.market_data_service_pb2_grpc import add_MarketDataServiceServicer_to_server
from spreadmesh.scan.v1.scan_service_pb2_grpc import add_ScanServiceServicer_to_server


class StreamCall:
    """One call of a bidirectional stream, as its server sees it."""

    def __init__(self, requests: Any, context: Any) -> None:
        self.context = context
        self._incoming = aiter(requests)

    async def receive(self, seconds: float = 5) -> Any:
        return await asyncio.wait_for(anext(self._incoming), seconds)

    async def send(self, response: Any) -> None:
        await self.context.write(response)

    async def until_cancelled(self) -> None:
        await asyncio.sleep(30)


class Scripted:
    """A servicer of both services. Each attribute is called for the RPC of that name.

    `stream` holds one coroutine function for each call of StreamScan or StreamQuotes; the last one serves
    the rest.
    """

    def __init__(self, *stream: Callable[[StreamCall], Awaitable[None]], **unary: Callable[..., Any]) -> None:
        self._stream = stream
        self.calls = 0
        self.cancelled = asyncio.Event()
        for name, behaviour in unary.items():
            setattr(self, name, behaviour)

    def __getattr__(self, name: str) -> Any:
        async def unimplemented(_request: Any, context: Any) -> None:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, name)

        return unimplemented

    async def StreamScan(self, requests: Any, context: Any) -> None:  # noqa: N802 - named by the contract
        await self._serve(StreamCall(requests, context))

    async def StreamQuotes(self, requests: Any, context: Any) -> None:  # noqa: N802 - named by the contract
        await self._serve(StreamCall(requests, context))

    async def _serve(self, call: StreamCall) -> None:
        self.calls += 1
        try:
            await self._stream[min(self.calls, len(self._stream)) - 1](call)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


@asynccontextmanager
async def serve(servicer: Any, port: int = 0) -> AsyncIterator[str]:
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    add_MarketDataServiceServicer_to_server(servicer, server)
    add_ScanServiceServicer_to_server(servicer, server)
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    try:
        yield f"127.0.0.1:{bound}"
    finally:
        await server.stop(None)


@pytest.fixture(name="serve")
def serve_fixture() -> Any:
    return serve


@pytest.fixture
def scripted() -> type[Scripted]:
    return Scripted
