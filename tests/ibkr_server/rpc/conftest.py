"""A real ibkr_server process on a real simulator, both started once for the tests of this folder."""

from collections.abc import AsyncIterator, Iterator

import pytest
from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceStub

from mesh.channel import open_channel
from tests.ibkr_server.process import IbkrServerProcess
from tests.tws_sim.process import SimulatorProcess

LINES = 30


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorProcess]:
    market = ["synthetic", "--symbols", "SPY", "--seed", "7", "--ticks-per-second", "200"]
    with SimulatorProcess([*market, "--lines", str(LINES)]) as running:
        yield running


@pytest.fixture(scope="module")
def address(simulator: SimulatorProcess) -> Iterator[str]:
    with IbkrServerProcess(simulator.port, {"MAX_SUBSCRIPTIONS": str(LINES)}) as server:
        server.until_serving()
        yield server.address


@pytest.fixture
async def stub(address: str) -> AsyncIterator[MarketDataServiceStub]:
    async with open_channel(address) as channel:
        yield MarketDataServiceStub(channel)
