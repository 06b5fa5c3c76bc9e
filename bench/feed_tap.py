"""A MarketDataService that passes everything on to another, and knows what its reader has asked for."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import grpc
from spreadmesh.market.v1 import market_data_service_pb2_grpc as service
from spreadmesh.market.v1.quotes_pb2 import StreamQuotesRequest

from mesh.channel import CREDITED, open_channel
from mesh.errors import from_rpc_error, to_trailers

CHAIN_SECONDS = 60.0


class FeedTap(service.MarketDataServiceServicer):
    """Stands between a scanner and ibkr_server.

    Attributes:
        wanted: contracts added and not dropped.
        emptied: set while there are none.
        emptied_at: when the last of them was dropped, monotonic seconds.
        chains: chains asked for.
    """

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.wanted: set[int] = set()
        self.emptied = asyncio.Event()
        self.emptied_at = time.monotonic()
        self.chains = 0
        self._stub: Any = service.MarketDataServiceStub(channel)

    async def GetOptionChain(self, request: Any, context: Any) -> Any:  # noqa: N802 - the RPC's name
        self.chains += 1
        try:
            return await self._stub.GetOptionChain(request, timeout=CHAIN_SECONDS)
        except grpc.aio.AioRpcError as raised:
            error = from_rpc_error(raised)
            await context.abort(error.code, error.message, to_trailers(error))

    async def StreamQuotes(  # noqa: N802 - the RPC's name
        self, requests: AsyncIterator[StreamQuotesRequest], context: Any
    ) -> AsyncIterator[Any]:
        call = self._stub.StreamQuotes()
        asking = asyncio.create_task(self._pass_on(requests, call))
        try:
            while (response := await call.read()) is not grpc.aio.EOF:
                yield response
        finally:
            asking.cancel()
            call.cancel()
            with suppress(asyncio.CancelledError):
                await asking

    async def _pass_on(self, requests: AsyncIterator[StreamQuotesRequest], call: Any) -> None:
        async for request in requests:
            self.wanted.update(request.add.con_ids)
            self.wanted.difference_update(request.drop.con_ids)
            if self.wanted:
                self.emptied.clear()
            elif not self.emptied.is_set():
                self.emptied.set()
                self.emptied_at = time.monotonic()
            await call.write(request)


@asynccontextmanager
async def tapped(address: str, port: int) -> AsyncIterator[FeedTap]:
    """Serve a tap of the ibkr_server at `address`, on `port`."""
    async with open_channel(address, options=CREDITED) as channel:
        tap = FeedTap(channel)  # type: ignore[abstract] # the scanner calls no other method
        server = grpc.aio.server()
        service.add_MarketDataServiceServicer_to_server(tap, server)
        server.add_insecure_port(f"127.0.0.1:{port}")
        await server.start()
        try:
            yield tap
        finally:
            await server.stop(0)
