"""A server's processor time with spans and metrics sent to a collector, and scraped, against that without.

`BENCH_SECONDS` (20) is how long all rounds of each load take together.
"""

import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from statistics import median
from threading import Event, Thread
from urllib.request import urlopen

from spreadmesh_client import connect
from spreadmesh_client.supervisor.ports import choose_ports

from bench.calls import call_for
from bench.collector import collector
from bench.quotes import con_ids
from bench.result import Result, at_most
from bench.sender import cpu_seconds, sender
from bench.ticks import CONTRACTS
from bench.timing import run_async

SECONDS = float(os.environ.get("BENCH_SECONDS", "20"))
ROUNDS, CONCURRENT = 5, 16
SCRAPE_SECONDS = 1.0

Load = Callable[[str, float], Awaitable[float]]
"""Puts a server under load for some seconds; returns how much it has done."""


async def call(address: str, seconds: float) -> float:
    """Unary calls that do next to nothing."""
    return seconds * await call_for(address, seconds, CONCURRENT)


async def read_quotes(address: str, seconds: float) -> float:
    """Seconds of quotes that change 10,000 times a second."""
    until = time.monotonic() + seconds
    async with (
        connect(market=address) as client,
        client.market.stream_quotes(con_ids()[:CONTRACTS], credits=16) as stream,
    ):
        async for _event in stream:
            if time.monotonic() > until:
                break
    return seconds


async def cost(load: Load, servers: list[tuple[str, int]]) -> list[float]:
    """Seconds of processor time for one piece of work, of each server: the median of rounds in turn."""
    found: list[list[float]] = [[] for _ in servers]
    for _ in range(ROUNDS):
        for costs, (address, pid) in zip(found, servers, strict=True):
            before = cpu_seconds(pid)
            done = await load(address, SECONDS / ROUNDS / len(servers))
            costs.append((cpu_seconds(pid) - before) / done)
    return [median(costs) for costs in found]


@contextmanager
def scraped(port: int) -> Iterator[list[int]]:
    """Scrape a server every second inside the block, often for Prometheus; yields what the answers weigh."""
    sizes: list[int] = []
    is_over = Event()

    def scrape() -> None:
        while not is_over.wait(SCRAPE_SECONDS):
            with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                sizes.append(len(answer.read()))

    scraper = Thread(target=scrape)
    scraper.start()
    try:
        yield sizes
    finally:
        is_over.set()
        scraper.join()


def run() -> list[Result]:
    """Measure."""
    unlimited = {"RATE_LIMITS": "*=unlimited", "SHED_DELAY_SECONDS": "60"}
    off = {"OTEL_SDK_DISABLED": "true"}
    results = []
    for name, module, load in (
        ("quotes", "bench.tick_sender", read_quotes),
        ("calls", "bench.idle_sender", call),
    ):
        port = choose_ports(0).market_metrics
        with collector() as (address, counted):
            telemetry = {
                "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{address}",
                "OTEL_METRIC_EXPORT_INTERVAL": "1000",
                "METRICS_PORT": str(port),
            }
            with (
                sender(module, unlimited | telemetry) as on,
                sender(module, unlimited | off) as without,
                scraped(port) as sizes,
            ):
                traced, plain = run_async(cost(load, [on, without]))
        if not (counted.spans and counted.metrics and sizes):
            raise RuntimeError(f"nothing was collected: {counted.spans} spans, {counted.metrics}, {sizes}")
        results.append(at_most(f"telemetry_cpu {name}", traced / plain, "×", 1.1))
    return results
