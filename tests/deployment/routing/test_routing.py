"""Scans of one underlying go to one scanner, to another when that is gone; no order is ever sent twice."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc
import pytest
from spreadmesh.market.v1.gateway_pb2 import GetGatewayStatusRequest
from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceStub
from spreadmesh.order.v1.order_service_pb2 import PlaceOrderRequest
from spreadmesh.order.v1.order_service_pb2_grpc import OrderServiceStub
from spreadmesh.scan.v1.catalogue_pb2 import ListStrategiesRequest
from spreadmesh.scan.v1.scan_service_pb2_grpc import ScanServiceStub
from spreadmesh.scan.v1.spec_pb2 import Range, ScanFilters, ScanSpec
from spreadmesh_client import connect
from spreadmesh_client.routing import underlying_header

from tests.deployment.routing.envoy import ANSWERED_BY, Envoy, envoy
from tests.e2e.following import FollowedRankings
from tests.e2e.order_faults.world import quiet_ports
from tests.e2e.restarts.load import running
from tests.processes import ServerProcess
from tests.tws_sim.process import SimulatorProcess

pytestmark = pytest.mark.tools

START_SECONDS: Final = 90.0
MOVED_SECONDS: Final = 10.0
SYMBOLS: Final = ("SPY", "QQQ", "AAPL", "MSFT", "GOOG", "AMZN", "NVDA", "TSLA")
SPEC: Final = ScanSpec(
    underlying="SPY", filters=ScanFilters(days_to_expiration=Range(lower=1, upper=8)), limit=5
)


@dataclass(frozen=True)
class Mesh:
    market: ServerProcess
    scanners: dict[str, ServerProcess]
    envoy: Envoy


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    tws, *ports = quiet_ports(3)
    lines = ["--lines", "300", "--message-rate", "150"]
    pace = {"MAX_SUBSCRIPTIONS": "300", "MESSAGES_PER_SECOND": "120"}
    with ExitStack() as started:
        market = started.enter_context(ServerProcess("ibkr_server", pace | {"TWS_PORT": str(tws)}))
        source = {"IBKR_SERVER": market.address}
        scanners = [started.enter_context(ServerProcess("scanner_server", source)) for _ in range(2)]
        synthetic = ["synthetic", "--symbols", "SPY", "--port", str(tws), *lines]
        started.enter_context(SimulatorProcess(synthetic))
        for server in (market, *scanners):
            server.until_serving(START_SECONDS)
        addresses = [scanner.address for scanner in scanners]
        folder: Path = tmp_path_factory.mktemp("envoy")
        proxy = started.enter_context(envoy(folder, ports[0], ports[1], market.address, addresses))
        yield Mesh(market, dict(zip(addresses, scanners, strict=True)), proxy)


async def who_answers(channel: grpc.aio.Channel, symbol: str) -> str:
    """The scanner that gets the calls about an underlying."""
    stub = ScanServiceStub(channel)
    call = stub.ListStrategies(ListStrategiesRequest(), metadata=underlying_header(symbol), timeout=5)
    return str(dict(await call.initial_metadata())[ANSWERED_BY])


async def test_an_underlying_goes_to_one_scanner_and_all_scanners_are_used(mesh: Mesh) -> None:
    async with grpc.aio.insecure_channel(mesh.envoy.address) as channel:
        once = [await who_answers(channel, symbol) for symbol in SYMBOLS]
        again = [await who_answers(channel, symbol) for symbol in SYMBOLS]
    assert once == again
    assert set(once) == set(mesh.scanners)


async def test_a_stream_moves_with_its_underlying_when_the_scanner_has_gone(mesh: Mesh) -> None:
    async with (
        grpc.aio.insecure_channel(mesh.envoy.address) as channel,
        connect(scan=mesh.envoy.address) as client,
    ):
        first = mesh.scanners[await who_answers(channel, SPEC.underlying)]
        rankings, stream = FollowedRankings(), client.scans.stream_scan(SPEC)
        async with running(rankings.follow(stream)):
            await rankings.until_fresh(time.monotonic(), START_SECONDS)
            assert stream.calls == 1
            await asyncio.to_thread(first.stop)
            stopped = time.monotonic()
            assert (await client.scans.run_scan(SPEC)).candidates
            await rankings.until("fresh again", lambda: rankings.fresh_since(stopped), stopped, MOVED_SECONDS)
        assert stream.calls > 1, "it was on the other scanner all the time"
        assert await who_answers(channel, SPEC.underlying) != first.address


async def test_nothing_of_an_order_is_sent_twice(mesh: Mesh) -> None:
    mesh.market.kill()
    async with grpc.aio.insecure_channel(mesh.envoy.address) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as unsent:
            await OrderServiceStub(channel).PlaceOrder(PlaceOrderRequest(client_order_id="a-1"), timeout=5)
        with pytest.raises(grpc.aio.AioRpcError):
            await MarketDataServiceStub(channel).GetGatewayStatus(GetGatewayStatusRequest(), timeout=5)
    assert unsent.value.code() is grpc.StatusCode.UNAVAILABLE
    assert mesh.envoy.count("cluster.orders.upstream_rq_retry") == 0
    assert mesh.envoy.count("cluster.market.upstream_rq_retry") == 1
