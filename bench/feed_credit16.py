"""What credits cost: the scanner's feed at 16 of them against the same batches with none.

Without credits HTTP/2 alone holds the sender back: `WatchQuotes` with no interval between batches.
"""

import asyncio
import time
from collections.abc import Mapping
from statistics import median
from typing import cast

import grpc
from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceStub
from spreadmesh.market.v1.quotes_pb2 import (
    LinesConfirmed,
    QuoteBatch,
    WatchQuotesRequest,
    WatchQuotesResponse,
)

from bench.quotes import con_ids
from bench.result import Result, more
from bench.sender import sender
from mesh.channel import CREDITED, open_channel
from scanner_server.feed.batches import BatchColumns
from scanner_server.feed.session import FeedSession

CREDITS = 16
WARM_UP, BATCHES, ROUNDS = 100, 1_500, 5


class Counting:
    """Takes batches as the scanner does, and notes how long so many of them took."""

    def __init__(self) -> None:
        self.rows = 0
        self.seconds = 0.0
        self.done = asyncio.Event()
        self._batches = 0
        self._began = 0.0

    def on_response(self) -> None:
        """A message of any kind."""

    def on_opened(self, epoch: int) -> None:
        """The stream is up."""

    def on_confirmed(self, confirmed: LinesConfirmed) -> None:
        """Contracts were taken."""

    def on_batch(self, batch: QuoteBatch) -> None:
        """Quotes."""
        columns = BatchColumns.of(batch)
        self._batches += 1
        if self._batches == WARM_UP:
            self._began = time.perf_counter()
        elif WARM_UP < self._batches <= WARM_UP + BATCHES:
            self.rows += len(columns.con_id)
        if self._batches == WARM_UP + BATCHES:
            self.seconds = time.perf_counter() - self._began
            self.done.set()

    def on_pong(self, market_time: float) -> None:
        """An answer to a ping."""

    def on_heartbeat(self, heartbeat: Heartbeat) -> None:
        """Nothing new."""

    @property
    def rate(self) -> float:
        """Ticks per second."""
        return self.rows / self.seconds


def wanted() -> Mapping[int, int]:
    """The contracts, all with one priority."""
    return dict.fromkeys(con_ids(), 40)


async def credited(channel: grpc.aio.Channel) -> float:
    """Ticks per second through the scanner's own side of the stream."""
    counting = Counting()
    stub = MarketDataServiceStub(channel)
    session = FeedSession(stub, counting, wanted, owner="bench", credits_count=CREDITS)
    running = asyncio.create_task(session.run())
    waiting = asyncio.create_task(counting.done.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED, timeout=60)
    running.cancel()
    waiting.cancel()
    await asyncio.wait({running, waiting})
    return counting.rate


async def uncredited(channel: grpc.aio.Channel) -> float:
    """Ticks per second of the same batches, as fast as the channel takes them."""
    counting = Counting()
    request = WatchQuotesRequest(con_ids=con_ids(), min_interval_seconds=0)
    call = MarketDataServiceStub(channel).WatchQuotes(request, timeout=60)
    while not counting.done.is_set():
        response = cast("WatchQuotesResponse", await call.read())
        if response.HasField("batch"):
            counting.on_batch(response.batch)
    call.cancel()
    return counting.rate


async def measure(address: str) -> tuple[float, float]:
    """Median rates of both, in turn."""
    ours, baseline = [], []
    async with open_channel(address, options=CREDITED) as channel:
        for _ in range(ROUNDS):
            ours.append(await credited(channel))
            baseline.append(await uncredited(channel))
    return median(ours), median(baseline)


def run() -> list[Result]:
    """Measure."""
    with sender("bench.batch_sender") as (address, _):
        ours, baseline = asyncio.run(measure(address))
    return [more("feed_credit16", ours, "ticks/s", baseline, goal=0.75)]
