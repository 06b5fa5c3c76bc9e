"""Puts the server together and runs it."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, NoReturn

from spreadmesh.market.v1 import market_data_service_pb2
from spreadmesh.market.v1.market_data_service_pb2_grpc import add_MarketDataServiceServicer_to_server

from ibkr_server import metrics
from ibkr_server.journal.errors import JournalError
from ibkr_server.journal.journal import Journal
from ibkr_server.market import Market
from ibkr_server.rpc.market_data_service import MarketDataServicer
from ibkr_server.rpc.order_services import ORDER_SERVICE, order_services
from ibkr_server.settings import IbkrSettings
from ibkr_server.trading import Trading, utc_now
from mesh.health import Health
from mesh.logging import configure_logging
from mesh.process import freeze_startup, run_process
from mesh.server import Service, serving
from mesh.telemetry.start import start_telemetry

MARKET_DATA_SERVICE = market_data_service_pb2.DESCRIPTOR.services_by_name["MarketDataService"].full_name


async def run(settings: IbkrSettings) -> None:
    """Serve until asked to stop.

    Raises:
        JournalError: The order journal can't be used.
    """
    asyncio.set_event_loop(asyncio.get_running_loop())  # ib_insync asks the policy, not the running loop
    health = Health()
    market = Market(settings)
    with Journal.open(settings.journal, lambda: time.time_ns() // 1000) as journal:
        trading = Trading(market, journal, settings)
        metrics.export(market, trading, journal)
        for name in (MARKET_DATA_SERVICE, ORDER_SERVICE):
            await health.set(name, serving=False)
        telemetry = start_telemetry("ibkr_server", settings, settings.metrics_address)
        async with telemetry, asyncio.TaskGroup() as tasks:
            parts = (market.run(), trading.run(), _publish(health, market, trading))
            running = [tasks.create_task(part) for part in parts]
            try:
                async with serving(settings, _services(market, trading), health=health) as server:
                    freeze_startup()
                    await server.until_asked_to_stop()
            finally:
                for task in running:
                    task.cancel()


def _services(market: Market, trading: Trading) -> list[Service]:
    data = MarketDataServicer(market)
    return [
        Service(MARKET_DATA_SERVICE, lambda server: add_MarketDataServiceServicer_to_server(data, server)),
        *order_services(trading.desk, trading.gate, trading.accounts, utc_now),
    ]


async def _publish(health: Health, market: Market, trading: Trading) -> NoReturn:
    with market.watching_state() as changed:
        while True:
            changed.clear()
            await health.set(MARKET_DATA_SERVICE, serving=market.ready)
            await health.set(ORDER_SERVICE, serving=trading.desk.ready)
            await _either(changed.wait(), trading.desk.change())


async def _either(*waits: Coroutine[Any, Any, object]) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def main() -> None:
    """Run the server from the environment; exit status 2 for settings that can't be used."""
    settings = IbkrSettings.load_or_exit()
    configure_logging(settings.log_level, settings.log_format, service="ibkr_server")
    run_process("ibkr_server", run(settings), JournalError)
