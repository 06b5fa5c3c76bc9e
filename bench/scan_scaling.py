"""How scans grow: with contracts, with streams on one server, and in memory.

The server is a process of its own, fed by the tests' scripted market. Up to a hundred streams no two have one
spec, beyond that ten share each; a round is one quote, until the last stream has the ranking with it.
"""

import asyncio
import math
import time
import tracemalloc
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from statistics import median
from typing import Any, cast

import grpc
from spreadmesh.common.v1.feed_pb2 import CreditGrant
from spreadmesh.scan.v1.scan_service_pb2 import OpenScan, StreamScanRequest, StreamScanResponse
from spreadmesh.scan.v1.scan_service_pb2_grpc import ScanServiceStub
from spreadmesh.scan.v1.spec_pb2 import ScanSpec

from bench.result import Result, at_most
from bench.scan_full_open import open_scan
from bench.scan_market import EXPIRATIONS, STRIKES, market
from bench.sender import resident_megabytes
from bench.timing import medians
from mesh.channel import open_channel
from tests.processes import ServerProcess
from tests.scanner_server.conversation import quoted
from tests.scanner_server.scripted_market import CONTRACTS, ScriptedMarket, serve_market

STREAMS = (1, 10, 100, 1_000)
ROUNDS, AT_ONCE, SPECS = 15, 25, 100
LONGEST_SECONDS = 300
SETTINGS = {"MAX_CONCURRENT_SCANS": "1000", "STREAM_LIMITS": "*=unlimited", "SURFACE_INTERVAL": "60"}


def growth(sizes: Sequence[int], values: Sequence[float]) -> float:
    """The exponent with which values grow from the first size to the last: 1 where they grow as fast."""
    return math.log(values[-1] / values[0]) / math.log(sizes[-1] / sizes[0])


def by_contracts() -> list[Result]:
    """A scan of all verticals on ever more expirations, and what a market takes in memory."""
    expirations = (5, 10, EXPIRATIONS)
    tracemalloc.start()
    of = [market(expirations=count) for count in expirations]
    megabytes = tracemalloc.get_traced_memory()[0] / 2**20
    tracemalloc.stop()
    seconds = medians([partial(open_scan, one) for one in of], repeats=9)
    contracts = [2 * STRIKES * count for count in expirations]
    for count, taken in zip(contracts, seconds, strict=True):
        print(f"{count:,} contracts: {taken * 1e3:.1f} ms")
    return [
        at_most("scan_scaling, contracts", growth(contracts, seconds), "exponent", 1.2),
        at_most("scan_scaling, memory", 1e3 * megabytes / sum(contracts), "MB per 1,000 contracts", 2),
    ]


class Stream:
    """One scan, all of whose rankings are read."""

    def __init__(self, channel: grpc.aio.Channel, number: int) -> None:
        self._call = ScanServiceStub(channel).StreamScan(timeout=LONGEST_SECONDS)
        self._spec = ScanSpec(underlying="ACME", strategies=["vertical"], limit=1 + number % SPECS)

    async def open(self) -> None:
        """Ask."""
        opening = OpenScan(spec=self._spec, credits=1, min_interval_seconds=0.0)
        await self._call.write(StreamScanRequest(open=opening))

    async def start(self) -> None:
        """Ask, and read what stands already."""
        await self.open()
        await self.next()

    async def next(self) -> None:
        """Read a ranking, and give its credit back."""
        kind = "heartbeat"
        while kind == "heartbeat":
            response = cast("StreamScanResponse", await self._call.read())
            kind = response.WhichOneof("message") or ""
        assert kind in {"snapshot", "delta"}
        await self._call.write(StreamScanRequest(grant=CreditGrant(credits=1)))


async def round_of(streams: int) -> tuple[float, float]:
    """Median seconds of a round, and the server's megabytes at the end."""
    implementation: Any = ScriptedMarket  # of the calls that the scanner makes, not of all
    feed = implementation()
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(serve_market(feed))
        server = stack.enter_context(ServerProcess("scanner_server", SETTINGS | {"IBKR_SERVER": address}))
        await asyncio.to_thread(server.until_serving, 60)
        channel = await stack.enter_async_context(open_channel(server.address))
        scans = [Stream(channel, number) for number in range(streams)]
        await scans[0].open()
        await quoted(feed)
        await scans[0].next()
        for begin in range(1, streams, AT_ONCE):
            await asyncio.gather(*(scan.start() for scan in scans[begin : begin + AT_ONCE]))
        seconds = []
        for con_id in list(CONTRACTS)[:ROUNDS]:
            await feed.until(lambda: feed.stream.credits > 0)
            feed.now += 0.1
            start = time.perf_counter()
            feed.stream.send_quotes([con_id])
            await asyncio.gather(*(scan.next() for scan in scans))
            seconds.append(time.perf_counter() - start)
        return median(seconds), resident_megabytes(server.process.pid)


def by_streams() -> list[Result]:
    """Streams whose number grows tenfold."""
    taken, megabytes = zip(*(asyncio.run(round_of(streams)) for streams in STREAMS), strict=True)
    for streams, seconds, size in zip(STREAMS, taken, megabytes, strict=True):
        print(f"{streams:,} streams: {seconds * 1e3:.1f} ms a round, the server has {size:.0f} MB")
    grown = 1e3 * (megabytes[-1] - megabytes[0]) / (STREAMS[-1] - STREAMS[0])
    return [
        at_most("scan_scaling, 1,000 streams", 1e3 * taken[-1] / STREAMS[-1], "ms a stream and round", 2),
        at_most("scan_scaling, streams", growth(STREAMS, taken), "exponent", 1.2),
        at_most("scan_scaling, memory of a stream", grown, "kB", 1_000),
    ]


def run() -> list[Result]:
    """Measure."""
    return by_contracts() + by_streams()
