"""Ticks per second from process to process: columns under credits against one tick per message.

Both are read as the scanner's feed reads them.
"""

import asyncio
import time
from statistics import median
from typing import cast

from spreadmesh.common.v1.feed_pb2 import CreditGrant
from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceStub
from spreadmesh.market.v1.quotes_pb2 import (
    AddContracts,
    OpenQuotes,
    StreamQuotesRequest,
    StreamQuotesResponse,
    WatchQuotesRequest,
)

from bench.quotes import ROWS, con_ids
from bench.result import Result, more
from bench.sender import sender
from mesh.channel import CREDITED, open_channel

CREDITS = 16
BATCHES, MESSAGES, ROUNDS = 1_500, 15_000, 5


async def columns_per_second(address: str) -> float:
    """Ticks per second of StreamQuotes with 1,024 rows a batch, credits given back by the half."""
    async with open_channel(address, options=CREDITED) as channel:
        call = MarketDataServiceStub(channel).StreamQuotes(timeout=60)
        opening = OpenQuotes(owner="bench", credits=CREDITS, max_rows=ROWS)
        await call.write(StreamQuotesRequest(open=opening))
        await call.write(StreamQuotesRequest(add=AddContracts(con_ids=con_ids())))
        grant = StreamQuotesRequest(grant=CreditGrant(credits=CREDITS // 2))
        rows, batches, start = 0, 0, 0.0
        while batches < BATCHES:
            response = cast("StreamQuotesResponse", await call.read())
            if not response.HasField("batch"):
                continue
            batches += 1
            if batches % (CREDITS // 2) == 0:
                await call.write(grant)
            if batches == CREDITS:
                start = time.perf_counter()
            elif batches > CREDITS:
                rows += len(response.batch.con_id)
        seconds = time.perf_counter() - start
        call.cancel()
        return rows / seconds


async def messages_per_second(address: str) -> float:
    """Ticks per second at one tick per message, without credits."""
    async with open_channel(address, options=CREDITED) as channel:
        call = MarketDataServiceStub(channel).WatchQuotes(WatchQuotesRequest(con_ids=con_ids()), timeout=60)
        await call.read()
        start = time.perf_counter()
        for _ in range(MESSAGES):
            await call.read()
        seconds = time.perf_counter() - start
        call.cancel()
        return MESSAGES / seconds


async def measure(address: str) -> tuple[float, float]:
    """Median rates of both, in turn."""
    ours, baseline = [], []
    for _ in range(ROUNDS):
        ours.append(await columns_per_second(address))
        baseline.append(await messages_per_second(address))
    return median(ours), median(baseline)


def run() -> list[Result]:
    """Measure."""
    with sender("bench.quote_sender") as (address, _):
        ours, baseline = asyncio.run(measure(address))
    return [more("stream_ticks", ours, "ticks/s", baseline, goal=200)]
