"""More reads than a server grants, whatever becomes of them: the load of `overload_shed`.

`BENCH_MARKET` is the server's address, `BENCH_RATE` the calls a second of each method. It prints "flooding"
when it begins, and at the end of standard input writes what it has found to the file `BENCH_FOUND`.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import grpc
from spreadmesh.market.v1.gateway_pb2 import GetGatewayStatusRequest
from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceStub
from spreadmesh.order.v1.order_service_pb2 import ListOrdersRequest
from spreadmesh.order.v1.order_service_pb2_grpc import OrderServiceStub

from bench.timing import run_async

STEP_SECONDS: Final = 0.001
MOST_UNDER_WAY: Final = 4_000
CALL_SECONDS: Final = 5.0
REFUSALS: Final = {grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE}

Call = Callable[[], Awaitable[Any]]


class Flood:
    """Calls at a pace, none of which waits for another, and how long each took until its answer."""

    def __init__(self, calls: list[Call], rate: float) -> None:
        self.answered: list[float] = []
        self.refused: list[float] = []
        self.failed = 0
        self._calls = calls
        self._rate = rate
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Call until cancelled; where too many are under way, fewer than the pace."""
        began, made = time.monotonic(), 0
        while True:
            due = int((time.monotonic() - began) * self._rate)
            for _ in range(min(due - made, MOST_UNDER_WAY - len(self._under_way))):
                for call in self._calls:
                    task = asyncio.create_task(self._one(call))
                    self._under_way.add(task)
                    task.add_done_callback(self._under_way.discard)
            made = due
            await asyncio.sleep(STEP_SECONDS)

    async def finish(self) -> None:
        """Wait for what is under way."""
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def _one(self, call: Call) -> None:
        began = time.perf_counter()
        try:
            await call()
        except grpc.aio.AioRpcError as error:
            if error.code() in REFUSALS:
                self.refused.append((time.perf_counter() - began) * 1e3)
            else:
                self.failed += 1
        else:
            self.answered.append((time.perf_counter() - began) * 1e3)


async def main(address: str, rate: float) -> dict[str, Any]:
    """Flood until standard input ends; what became of the calls."""
    async with grpc.aio.insecure_channel(address) as channel:
        market, orders = MarketDataServiceStub(channel), OrderServiceStub(channel)
        status, listing = GetGatewayStatusRequest(), ListOrdersRequest(page_size=10)
        flood = Flood(
            [
                lambda: market.GetGatewayStatus(status, timeout=CALL_SECONDS),
                lambda: orders.ListOrders(listing, timeout=CALL_SECONDS),
            ],
            rate,
        )
        running, began = asyncio.create_task(flood.run()), time.monotonic()
        print("flooding", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        seconds = time.monotonic() - began
        running.cancel()
        await flood.finish()
    found = {"refused": flood.refused, "answered": flood.answered, "failed": flood.failed}
    return found | {"seconds": seconds}


if __name__ == "__main__":
    found = run_async(main(os.environ["BENCH_MARKET"], float(os.environ["BENCH_RATE"])))
    Path(os.environ["BENCH_FOUND"]).write_text(json.dumps(found))
