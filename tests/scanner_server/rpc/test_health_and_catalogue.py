"""Health follows the feed; the catalogue names what can be asked for."""

from contextlib import AsyncExitStack

import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from spreadmesh.scan.v1.candidate_pb2 import Candidate
from spreadmesh.scan.v1.catalogue_pb2 import ListFiguresRequest, ListStrategiesRequest
from spreadmesh.scan.v1.scan_service_pb2_grpc import ScanServiceStub

from mesh.channel import open_channel
from scanner_server.app import SCAN_SERVICE, UNIVERSE_SERVICE, running
from scanner_server.settings import ScannerSettings
from scanner_server.translation.spec import DEFAULTS
from tests.scanner_server.scripted_market import ScriptedMarket, serve_market

# What a candidate says of itself that is not one number to filter and rank by.
DESCRIPTIVE = {"candidate_id", "strategy", "score", "score_parts", "legs", "expiration", "breakevens"}
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.mark.parametrize("service", [SCAN_SERVICE, UNIVERSE_SERVICE])
async def test_serving_while_the_feed_is_connected(service: str, market: ScriptedMarket) -> None:
    async with AsyncExitStack() as up:
        address = await up.enter_async_context(serve_market(market))
        settings = ScannerSettings(port=0, drain_seconds=0, ibkr_server=address)
        async with running(settings) as server, open_channel(server.address) as channel:
            request = health_pb2.HealthCheckRequest(service=service)
            watching = health_pb2_grpc.HealthStub(channel).Watch(request, timeout=20)
            while (await watching.read()).status != SERVING:
                pass
            await up.aclose()
            assert (await watching.read()).status == NOT_SERVING
            watching.cancel()


async def test_strategies_are_listed_with_their_families(scans: ScanServiceStub) -> None:
    strategies = (await scans.ListStrategies(ListStrategiesRequest(), timeout=20)).strategies
    names = [strategy.name for strategy in strategies]
    assert names == sorted(names)
    condor = next(strategy for strategy in strategies if strategy.name == "iron_condor")
    assert (condor.legs, condor.family) == (4, "iron_condor")
    assert {strategy.family for strategy in strategies if strategy.legs == 2} >= {"vertical"}


async def test_figures_and_fields_of_a_candidate_are_the_same(scans: ScanServiceStub) -> None:
    figures = (await scans.ListFigures(ListFiguresRequest(), timeout=20)).figures
    fields = {field.name for field in Candidate.DESCRIPTOR.fields}
    assert sorted(figure.name for figure in figures) == sorted(fields - DESCRIPTIVE)
    assert all(figure.unit and figure.summary for figure in figures)


def test_defaults_that_can_be_cleared_are_those_of_the_contract() -> None:
    assert set(DEFAULTS) == {
        "days_to_expiration",
        "short_delta",
        "bid_ask_width",
        "quote_age",
        "return_on_risk_after_commission",
    }
