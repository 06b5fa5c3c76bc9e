"""Knowing when a mesh can be used: both servers say SERVING and the gateway is ready."""

import asyncio
from collections.abc import Callable
from typing import Final

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub
from spreadmesh.market.v1.gateway_pb2 import GatewayStatus, GetGatewayStatusRequest
from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceStub

from mesh.channel import environment_api_key, open_channel
from mesh.errors import from_rpc_error
from spreadmesh_client.supervisor.plan import Plan

MARKET_SERVICE: Final = "spreadmesh.market.v1.MarketDataService"
SCAN_SERVICE: Final = "spreadmesh.scan.v1.ScanService"
CALL_SECONDS: Final = 2.0
POLL_SECONDS: Final = 0.1
# A server that starts refuses at first: try again at once and not after the usual second.
RECONNECT: Final = (("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 300))


async def until_ready(plan: Plan, show: Callable[[str], None]) -> None:
    """Wait until both servers can be used; `show` is told what is missing whenever that changes."""
    waits = {"ibkr_server": "starting", "scanner_server": "starting"}

    def tell(name: str, what: str) -> None:
        if waits[name] != what:
            waits[name] = what
            show(", ".join(f"{server} {state}" for server, state in waits.items()))

    async with (
        open_channel(plan.market, options=RECONNECT, api_key=environment_api_key()) as market,
        open_channel(plan.scan, options=RECONNECT) as scan,
        asyncio.TaskGroup() as tasks,
    ):
        tasks.create_task(_market_ready(market, lambda what: tell("ibkr_server", what)))
        tasks.create_task(_serving(scan, SCAN_SERVICE, lambda what: tell("scanner_server", what)))


async def _market_ready(channel: grpc.aio.Channel, tell: Callable[[str], None]) -> None:
    stub = MarketDataServiceStub(channel)
    await _answering(channel, MARKET_SERVICE, tell)
    while True:
        try:
            answer = await stub.GetGatewayStatus(GetGatewayStatusRequest(), timeout=CALL_SECONDS)
        except grpc.aio.AioRpcError as error:
            tell(from_rpc_error(error).message)
        else:
            if answer.status.ready:
                break
            tell(f"waits for the gateway at {answer.status.address}{_why(answer.status)}")
        await asyncio.sleep(POLL_SECONDS)
    await _serving(channel, MARKET_SERVICE, tell)


async def _answering(channel: grpc.aio.Channel, service: str, tell: Callable[[str], None]) -> None:
    while await _health(channel, service) is None:
        tell("starting")
        await asyncio.sleep(POLL_SECONDS)


async def _serving(channel: grpc.aio.Channel, service: str, tell: Callable[[str], None]) -> None:
    while (state := await _health(channel, service)) != HealthCheckResponse.SERVING:
        tell("starting" if state is None else "not ready")
        await asyncio.sleep(POLL_SECONDS)
    tell("ready")


async def _health(channel: grpc.aio.Channel, service: str) -> int | None:
    try:
        answer = await HealthStub(channel).Check(HealthCheckRequest(service=service), timeout=CALL_SECONDS)
    except grpc.aio.AioRpcError:
        return None
    status: int = answer.status
    return status


def _why(status: GatewayStatus) -> str:
    return f": {status.last_error.text}" if status.HasField("last_error") else ""
