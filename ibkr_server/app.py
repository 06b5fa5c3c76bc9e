"""Puts the server together and runs it."""

import asyncio

from spreadmesh.market.v1 import market_data_service_pb2
from spreadmesh.market.v1.market_data_service_pb2_grpc import add_MarketDataServiceServicer_to_server

from ibkr_server import metrics
from ibkr_server.market import Market
from ibkr_server.rpc.market_data_service import MarketDataServicer
from ibkr_server.settings import IbkrSettings
from mesh.health import Health
from mesh.logging import configure_logging
from mesh.process import freeze_startup, run_process
from mesh.server import Service, serving
from mesh.telemetry.start import start_telemetry

MARKET_DATA_SERVICE = market_data_service_pb2.DESCRIPTOR.services_by_name["MarketDataService"].full_name


async def run(settings: IbkrSettings) -> None:
    """Serve until asked to stop."""
    asyncio.set_event_loop(asyncio.get_running_loop())  # ib_insync asks the policy, not the running loop
    health = Health()
    market = Market(settings)
    metrics.export(market)
    service = Service(
        MARKET_DATA_SERVICE,
        lambda server: add_MarketDataServiceServicer_to_server(MarketDataServicer(market), server),
    )
    await health.set(MARKET_DATA_SERVICE, serving=False)
    async with start_telemetry("ibkr_server", settings), asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(market.run()), tasks.create_task(_publish(health, market))]
        try:
            async with serving(settings, [service], health=health) as server:
                freeze_startup()
                await server.until_asked_to_stop()
        finally:
            for task in running:
                task.cancel()


async def _publish(health: Health, market: Market) -> None:
    with market.watching_state() as changed:
        while True:
            await changed.wait()
            changed.clear()
            await health.set(MARKET_DATA_SERVICE, serving=market.ready)


def main() -> None:
    """Run the server from the environment; exit status 2 for settings that can't be used."""
    settings = IbkrSettings.load_or_exit()
    configure_logging(settings.log_level, settings.log_format)
    run_process("ibkr_server", run(settings))
