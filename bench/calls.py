"""Unary calls, many at once: GetGatewayStatus of a server of the mesh."""

import asyncio
import time

import grpc
from spreadmesh.market.v1.gateway_pb2 import GetGatewayStatusRequest
from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceStub


async def call_for(address: str, seconds: float, concurrent: int) -> float:
    """Calls per second that so many callers get out of a server, each calling again at once."""
    async with grpc.aio.insecure_channel(address) as channel:
        stub, request = MarketDataServiceStub(channel), GetGatewayStatusRequest()
        await stub.GetGatewayStatus(request)
        began = time.monotonic()

        async def caller() -> int:
            done = 0
            while time.monotonic() - began < seconds:
                await stub.GetGatewayStatus(request)
                done += 1
            return done

        counts = await asyncio.gather(*(caller() for _ in range(concurrent)))
        return sum(counts) / (time.monotonic() - began)
