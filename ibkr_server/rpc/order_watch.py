"""The events of a watch as answers of a stream: none is left out, and silence is told."""

import asyncio
from collections.abc import AsyncIterator, Callable

from spreadmesh.order.v1 import watch_pb2 as pb

from ibkr_server.desk.watch import OrderWatch
from ibkr_server.quotes.stream import HEARTBEAT_SECONDS
from ibkr_server.rpc import order_messages as messages
from ibkr_server.rpc.heartbeats import heartbeat


async def answers(watch: OrderWatch, is_stale: Callable[[], bool]) -> AsyncIterator[pb.WatchOrdersResponse]:
    """A snapshot, unless the reader resumes, then every event; `is_stale`: some may not have been heard."""
    now = asyncio.get_running_loop().time
    told_at = now()
    if watch.snapshot is not None:
        yield pb.WatchOrdersResponse(epoch=watch.epoch, snapshot=messages.snapshot(watch.snapshot))
    while True:
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                event = await anext(watch)
        except TimeoutError:
            beat = heartbeat(now() - told_at, stale=is_stale())
            yield pb.WatchOrdersResponse(epoch=watch.epoch, heartbeat=beat)
        else:
            told_at = now()
            yield pb.WatchOrdersResponse(epoch=watch.epoch, event=messages.event(event))
