"""A real scanner_server in this process, on a scripted market."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from spreadmesh.scan.v1.scan_service_pb2_grpc import ScanServiceStub

from mesh.channel import open_channel
from mesh.server import RunningServer
from scanner_server.app import running
from scanner_server.settings import ScannerSettings
from tests.scanner_server.conversation import Conversation
from tests.scanner_server.scripted_market import ScriptedMarket, serve_market


@pytest.fixture
def market() -> ScriptedMarket:
    return ScriptedMarket()


@pytest.fixture
def changed_settings() -> dict[str, Any]:
    """What a test wants set otherwise: parametrise it."""
    return {}


@pytest.fixture
async def server(market: ScriptedMarket, changed_settings: dict[str, Any]) -> AsyncIterator[RunningServer]:
    async with serve_market(market) as address:
        own = {"port": 0, "drain_seconds": 0, "ibkr_server": address, "volatility_file": None}
        values = own | {"line_linger_seconds": 0}
        async with running(ScannerSettings(**(values | changed_settings))) as server:
            await market.opened()
            yield server


@pytest.fixture
async def scans(server: RunningServer) -> AsyncIterator[ScanServiceStub]:
    async with open_channel(server.address) as channel:
        yield ScanServiceStub(channel)


@pytest.fixture
async def conversation(scans: ScanServiceStub) -> AsyncIterator[Conversation]:
    conversation = Conversation(scans)
    yield conversation
    conversation.call.cancel()
