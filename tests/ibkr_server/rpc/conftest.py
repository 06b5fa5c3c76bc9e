"""A real ibkr_server process on a real simulator, both started once for the tests of this folder."""

import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceStub

from mesh.channel import open_channel
from tests.tws_sim.process import SimulatorProcess

SERVICE = "spreadmesh.market.v1.MarketDataService"
LINES = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorProcess]:
    market = ["synthetic", "--symbols", "SPY", "--seed", "7", "--ticks-per-second", "200"]
    with SimulatorProcess([*market, "--lines", str(LINES)]) as running:
        yield running


@pytest.fixture(scope="module")
def address(simulator: SimulatorProcess) -> Iterator[str]:
    port = free_port()
    settings = {
        "PORT": str(port),
        "TWS_PORT": str(simulator.port),
        "MAX_SUBSCRIPTIONS": str(LINES),
        "LINE_LINGER_SECONDS": "0",
        "DRAIN_SECONDS": "0",
        "LOG_LEVEL": "ERROR",
    }
    with subprocess.Popen([sys.executable, "-m", "ibkr_server"], env=os.environ | settings) as process:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            grpc.channel_ready_future(channel).result(20)
            for answer in health_pb2_grpc.HealthStub(channel).Watch(
                health_pb2.HealthCheckRequest(service=SERVICE), timeout=20
            ):
                if answer.status == health_pb2.HealthCheckResponse.SERVING:
                    break
        yield f"127.0.0.1:{port}"
        process.terminate()
        assert process.wait(25) == 0


@pytest.fixture
async def stub(address: str) -> AsyncIterator[MarketDataServiceStub]:
    async with open_channel(address) as channel:
        yield MarketDataServiceStub(channel)
