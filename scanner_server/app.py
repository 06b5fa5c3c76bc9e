"""Puts the server together and runs it."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial

import grpc
from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceStub
from spreadmesh.scan.v1 import preset_service_pb2, scan_service_pb2, universe_service_pb2
from spreadmesh.scan.v1.preset_service_pb2_grpc import add_PresetServiceServicer_to_server
from spreadmesh.scan.v1.scan_service_pb2_grpc import add_ScanServiceServicer_to_server
from spreadmesh.scan.v1.universe_service_pb2_grpc import add_UniverseServiceServicer_to_server

from mesh.channel import CREDITED, open_channel
from mesh.health import Health
from mesh.logging import configure_logging
from mesh.process import freeze_startup, run_process
from mesh.server import RunningServer, Service, serving
from mesh.telemetry.start import start_telemetry
from scanner_server.feed.chains import fetch_chain
from scanner_server.feed.feed import Feed
from scanner_server.feed.market_clock import MarketClock
from scanner_server.feed.wanted import Wanted
from scanner_server.live.activity import Activity
from scanner_server.live.admission import Admission, Priority
from scanner_server.live.scanner import Scanner
from scanner_server.live.snapshots import SurfaceCadence
from scanner_server.live.underlying import LiveUnderlying
from scanner_server.live.underlyings import Underlyings
from scanner_server.metrics import export
from scanner_server.presets.file import PresetFile
from scanner_server.presets.presets import Presets
from scanner_server.rpc.preset_service import PresetServicer
from scanner_server.rpc.scan_service import ScanServicer
from scanner_server.rpc.universe_requests import MOST_PARALLEL
from scanner_server.rpc.universe_service import UniverseServicer
from scanner_server.settings import ScannerSettings
from scanner_server.strategies.plugins import UnusableStrategy
from scanner_server.strategies.registry import every_strategy
from scanner_server.surface.surface import SurfaceSettings
from scanner_server.volatility.fetch import fetch_volatilities
from scanner_server.volatility.history import VolatilityHistory
from scanner_server.volatility.store import VolatilityStore
from scanner_server.warm import warm

SCAN_SERVICE = scan_service_pb2.DESCRIPTOR.services_by_name["ScanService"].full_name
UNIVERSE_SERVICE = universe_service_pb2.DESCRIPTOR.services_by_name["UniverseService"].full_name
PRESET_SERVICE = preset_service_pb2.DESCRIPTOR.services_by_name["PresetService"].full_name
OWNER = "scanner_server"


@asynccontextmanager
async def running(settings: ScannerSettings) -> AsyncIterator[RunningServer]:
    """Serve inside the block.

    Raises:
        OSError: The port or the file of presets can't be used.
    """
    file = settings.presets_file
    presets = Presets(None if file is None else await asyncio.to_thread(PresetFile.open, file))
    health = Health()
    await _set(health, serving=False)
    connected: asyncio.Queue[bool] = asyncio.Queue(maxsize=1)
    workers = ThreadPoolExecutor(settings.scan_threads, thread_name_prefix="scan")
    opening = open_channel(settings.ibkr_server, tls=settings, options=CREDITED, api_key=settings.bearer)
    async with opening as channel, asyncio.TaskGroup() as tasks:
        scanner = build(settings, channel, workers, connected)
        universes = UniverseServicer(
            scanner,
            presets,
            settings.universes,
            max_jobs=settings.max_universe_jobs,
            workers=max(1, settings.scan_threads - 1),
        )
        services = [
            Service(SCAN_SERVICE, partial(add_ScanServiceServicer_to_server, ScanServicer(scanner, presets))),
            Service(UNIVERSE_SERVICE, partial(add_UniverseServiceServicer_to_server, universes)),
            Service(PRESET_SERVICE, partial(add_PresetServiceServicer_to_server, PresetServicer(presets))),
        ]
        owned = [
            tasks.create_task(scanner.feed.run(scanner.underlyings)),
            tasks.create_task(scanner.underlyings.run()),
            tasks.create_task(scanner.volatilities.run()),
            tasks.create_task(_publish(health, connected)),
        ]
        try:
            async with serving(settings, services, health=health) as server:
                yield server
        finally:
            for task in owned:
                task.cancel()
            await scanner.underlyings.close()
            workers.shutdown(wait=False, cancel_futures=True)


def build(
    settings: ScannerSettings,
    channel: grpc.aio.Channel,
    workers: Executor,
    connected: asyncio.Queue[bool],
) -> Scanner:
    """Everything that has state; `connected` gets the newest change of the feed's connection."""
    monotonic = time.monotonic
    stub = MarketDataServiceStub(channel)
    feed = Feed(
        stub,
        Wanted(settings.line_linger_seconds, monotonic),
        MarketClock(monotonic),
        owner=OWNER,
        credits_count=settings.feed_credits,
        on_connected=partial(_replace, connected),
        monotonic=monotonic,
    )
    cadence = SurfaceCadence(
        settings.surface_interval,
        settings.surface_move,
        SurfaceSettings(settings.rate, settings.dividend_yield),
    )
    activity = Activity()
    volatilities = VolatilityHistory(
        partial(fetch_volatilities, stub),
        VolatilityStore(settings.volatility_file),
        market_now=feed.clock.now,
        monotonic=monotonic,
        on_told=lambda: underlyings.wake(),  # noqa: PLW0108 - made below
    )
    underlyings = Underlyings(
        partial(fetch_chain, stub),
        lambda listed: LiveUnderlying(
            listed,
            feed,
            workers,
            cadence,
            settings.max_candidates,
            activity,
            monotonic,
            volatilities.before_today,
        ),
        feed.clock,
        limit=settings.max_underlyings,
    )
    most_waiting = {
        Priority.INTERACTIVE: settings.max_waiting_scans,
        Priority.UNIVERSE: settings.max_universe_jobs * MOST_PARALLEL,
    }
    admission = Admission(
        settings.max_concurrent_scans, most_waiting, longest_wait=settings.scan_queue_seconds
    )
    scanner = Scanner(feed, underlyings, volatilities, admission, activity, monotonic)
    export(scanner)
    return scanner


async def run(settings: ScannerSettings) -> None:
    """Serve until asked to stop."""
    async with start_telemetry(OWNER, settings, settings.metrics_address):
        await asyncio.to_thread(warm)
        async with running(settings) as server:
            freeze_startup()
            await server.until_asked_to_stop()


def main() -> None:
    """Run the server from the environment; exit status 2 for settings or strategies that can't be used."""
    settings = ScannerSettings.load_or_exit()
    _load_strategies_or_exit()
    configure_logging(settings.log_level, settings.log_format, service=OWNER)
    run_process(OWNER, run(settings))


def _load_strategies_or_exit() -> None:
    try:
        every_strategy()
    except UnusableStrategy as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None


async def _publish(health: Health, connected: asyncio.Queue[bool]) -> None:
    while True:
        await _set(health, serving=await connected.get())


async def _set(health: Health, *, serving: bool) -> None:
    for service in (SCAN_SERVICE, UNIVERSE_SERVICE):
        await health.set(service, serving=serving)


def _replace(queue: asyncio.Queue[bool], value: bool) -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(value)
