"""A real scanner_server on many scripted underlyings."""

from collections.abc import AsyncIterator

import pytest
from spreadmesh.scan.v1.universe_service_pb2_grpc import UniverseServiceStub

from mesh.channel import open_channel
from mesh.server import RunningServer
from tests.scanner_server.universe.several import SeveralMarkets


@pytest.fixture
def market() -> SeveralMarkets:
    return SeveralMarkets()


@pytest.fixture
async def universes(server: RunningServer) -> AsyncIterator[UniverseServiceStub]:
    async with open_channel(server.address) as channel:
        yield UniverseServiceStub(channel)
