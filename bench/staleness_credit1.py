"""How old is what a slow reader gets? Ten messages a second out of 10,000 ticks, with one credit and without.

`BENCH_SECONDS` (20) is how long each of them reads.
"""

import asyncio
import gc
import os
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from statistics import median
from typing import cast

import grpc
from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceStub
from spreadmesh.market.v1.quotes_pb2 import QuoteBatch, WatchQuotesRequest, WatchQuotesResponse
from spreadmesh_client import connect

from bench.quotes import con_ids
from bench.result import Result, at_most, younger
from bench.sender import resident_megabytes, sender
from bench.ticks import CONTRACTS, now_us

SECONDS = float(os.environ.get("BENCH_SECONDS", "20"))
PAUSE_SECONDS = 0.1
WARM_UP_SECONDS = 2.0


async def credited(address: str) -> AsyncGenerator[QuoteBatch]:
    """Batches of the client library's stream, which gives a credit back when it is asked for the next."""
    async with (
        connect(market=address) as client,
        client.market.stream_quotes(con_ids()[:CONTRACTS], credits=1) as stream,
    ):
        async for event in stream:
            if isinstance(event, QuoteBatch):
                yield event


async def uncredited(address: str) -> AsyncGenerator[QuoteBatch]:
    """A tick a message on a channel with grpc's own settings."""
    async with grpc.aio.insecure_channel(address) as channel:
        call = MarketDataServiceStub(channel).WatchQuotes(WatchQuotesRequest(con_ids=con_ids()[:CONTRACTS]))
        try:
            while True:
                yield cast("WatchQuotesResponse", await call.read()).batch
        finally:
            call.cancel()


async def ages(batches: AsyncGenerator[QuoteBatch], seconds: float) -> list[float]:
    """Age in milliseconds of the oldest quote in each message when it is read; ten messages a second."""
    found: list[float] = []
    until = time.monotonic() + seconds
    async with aclosing(batches):
        async for batch in batches:
            found.append((now_us() - min(batch.quote_time_us)) / 1e3)
            if time.monotonic() > until:
                break
            await asyncio.sleep(PAUSE_SECONDS)
    return found


async def measure(address: str, pid: int) -> tuple[list[float], float, list[float]]:
    """Ages with a credit, by how many megabytes the sender grew meanwhile, and ages without."""
    await ages(credited(address), WARM_UP_SECONDS)
    before = resident_megabytes(pid)
    fresh = await ages(credited(address), SECONDS)
    grown = resident_megabytes(pid) - before
    return fresh, grown, await ages(uncredited(address), SECONDS)


def run() -> list[Result]:
    """Measure."""
    gc.disable()
    try:
        with sender("bench.tick_sender") as (address, pid):
            fresh, grown, aged = asyncio.run(measure(address, pid))
    finally:
        gc.enable()
    third = len(fresh) // 3
    growth = median(fresh[-third:]) - median(fresh[:third])
    return [
        at_most("staleness_credit1 worst", max(fresh), "ms", 10),
        younger("staleness_credit1", max(fresh), max(aged), goal=1000),
        at_most("staleness_credit1 growth", max(growth, 0.0), "ms", 1),
        at_most("staleness_credit1 memory", max(grown, 0.0), "MB", 4),
    ]
