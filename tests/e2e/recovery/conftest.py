"""A real ibkr_server on a real simulator, and the quotes of 90 options and their share."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from spreadmesh.market.v1 import chain_pb2, gateway_pb2
from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceStub

from mesh.channel import open_channel
from tests.e2e.recovery.follower import Follower
from tests.ibkr_server.process import IbkrServerProcess
from tests.tws_sim.process import SimulatorProcess
from tws_sim.control.client import ask

OPTIONS = 90


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorProcess]:
    market = ["synthetic", "--symbols", "SPY", "--seed", "3", "--ticks-per-second", "900"]
    with SimulatorProcess([*market, "--lines", "100"]) as running:
        yield running


@pytest.fixture(scope="module")
def server(simulator: SimulatorProcess) -> Iterator[IbkrServerProcess]:
    settings = {"MAX_SUBSCRIPTIONS": "100", "REQUEST_TIMEOUT_SECONDS": "3", "LINE_LINGER_SECONDS": "60"}
    with IbkrServerProcess(simulator.port, settings) as running:
        running.until_serving()
        yield running


@dataclass(frozen=True)
class Feed:
    """What a client sees, and the simulator behind it."""

    stub: MarketDataServiceStub
    follower: Follower
    options: list[int]
    share: int
    inject: Callable[..., Any]

    async def status(self) -> gateway_pb2.GatewayStatus:
        """The gateway as the server sees it."""
        answer = await self.stub.GetGatewayStatus(gateway_pb2.GetGatewayStatusRequest(), timeout=5)
        return answer.status

    @property
    def latest_us(self) -> int:
        """The market time of the latest quote that has come."""
        return max(self.follower.quoted_us.values())


@pytest.fixture
async def feed(simulator: SimulatorProcess, server: IbkrServerProcess) -> AsyncIterator[Feed]:
    """All 91 contracts quoted and fresh; every fault is lifted in the end."""
    control = simulator.addresses["control"]

    def inject(name: str, **options: Any) -> None:
        answer = ask(control, command="fault", name=name, options=options)
        assert "error" not in answer, answer

    async with open_channel(server.address) as channel:
        stub = MarketDataServiceStub(channel)
        server.until_serving()
        chain = await stub.GetOptionChain(chain_pb2.GetOptionChainRequest(symbol="SPY"), timeout=30)
        nearest = sorted(chain.contracts, key=lambda c: (abs(c.strike - 590), c.con_id))[:OPTIONS]
        options = [contract.con_id for contract in nearest]
        share = chain.underlying.con_id
        async with Follower(stub, [*options, share]) as follower:
            await follower.until(follower.all_fresh([*options, share]), 15)
            try:
                yield Feed(stub, follower, options, share, inject)
            finally:
                ask(control, command="lift")
