"""Many readers of quotes in one process: the load of `place_order_p99`.

`BENCH_MARKET` is the server's address, `BENCH_CONTRACTS` are the contracts' numbers, `BENCH_METHOD` is
StreamQuotes, read with one credit as fast as can be, or WatchQuotes at its usual interval. Each reader has a
connection of its own. It prints "reading" once every one of them has a quote.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial

from spreadmesh.market.v1.quotes_pb2 import QuoteBatch
from spreadmesh_client import Client, QuoteEvent, connect

from bench.timing import run_async

READERS = 50
WATCH = "WatchQuotes"


async def events(client: Client, con_ids: list[int]) -> AsyncGenerator[QuoteEvent, None]:
    """What a reader gets."""
    if os.environ["BENCH_METHOD"] == WATCH:
        async with aclosing(client.market.watch_quotes(con_ids)) as watch:
            async for event in watch:
                yield event
    else:
        async with client.market.stream_quotes(con_ids, credits=1) as stream:
            async for event in stream:
                yield event


async def read(address: str, con_ids: list[int], took: Callable[[], None]) -> None:
    """Tell of each batch until cancelled."""
    async with connect(market=address) as client, aclosing(events(client, con_ids)) as found:
        async for event in found:
            if isinstance(event, QuoteBatch):
                took()


async def main(address: str, con_ids: list[int]) -> None:
    """Read until standard input ends."""
    counts, has_quote = [0] * READERS, [asyncio.Event() for _ in range(READERS)]

    def took(number: int) -> None:
        counts[number] += 1
        has_quote[number].set()

    async with asyncio.TaskGroup() as tasks:
        reading = [
            tasks.create_task(read(address, con_ids, partial(took, number))) for number in range(READERS)
        ]
        for each in has_quote:
            await each.wait()
        print("reading", flush=True)
        began, before = time.monotonic(), sum(counts)
        await asyncio.to_thread(sys.stdin.read)
        rate = (sum(counts) - before) / (time.monotonic() - began)
        for task in reading:
            task.cancel()
    print(f"{READERS} readers of {os.environ['BENCH_METHOD']}: {rate:,.0f} batches/s", file=sys.stderr)


if __name__ == "__main__":
    contracts = [int(each) for each in os.environ["BENCH_CONTRACTS"].split(",")]
    run_async(main(os.environ["BENCH_MARKET"], contracts))
