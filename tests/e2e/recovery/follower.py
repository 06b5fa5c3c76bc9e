"""A client that follows quotes through an outage and knows what it has been told."""

import asyncio
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from spreadmesh.market.v1 import quotes_pb2 as pb
from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceStub


class Follower:
    """Follows contracts inside the block; checks that batches are in order and without repeats."""

    def __init__(self, stub: MarketDataServiceStub, con_ids: Iterable[int]) -> None:
        self.con_ids = set(con_ids)
        self.stale: dict[int, bool] = {}
        self.quoted_us: dict[int, int] = {}
        self.states: dict[int, int] = {}
        self._stub = stub
        self._news = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self._call = self._stub.StreamQuotes()
        await self._call.write(pb.StreamQuotesRequest(open={"owner": "follower", "credits": 16}))
        await self._call.write(pb.StreamQuotesRequest(add={"con_ids": self.con_ids, "priority": 10}))
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._call.cancel()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def until(self, holds: Callable[[], bool], seconds: float) -> float:
        """Wait until something holds of what has been told; returns how long it took, in seconds."""
        began = time.monotonic()
        reached = asyncio.create_task(self._wait(holds))
        await asyncio.wait({reached, self._reading}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        reached.cancel()
        assert not self._reading.done(), "the stream has ended"
        assert reached.done(), f"not within {seconds} s"
        return time.monotonic() - began

    def all_fresh(self, con_ids: Iterable[int], since_us: int = 0) -> Callable[[], bool]:
        """Whether each of these has a quote later than a market time, and none is stale."""
        wanted = set(con_ids)
        return lambda: all(
            self.quoted_us.get(con_id, 0) > since_us and not self.stale[con_id] for con_id in wanted
        )

    def all_stale(self, con_ids: Iterable[int]) -> Callable[[], bool]:
        """Whether each of these is flagged."""
        wanted = set(con_ids)
        return lambda: all(self.stale.get(con_id, False) for con_id in wanted)

    async def _wait(self, holds: Callable[[], bool]) -> None:
        async with self._news:
            await self._news.wait_for(holds)

    async def _read(self) -> None:
        sequence = 0
        async for response in self._call:
            if response.HasField("batch"):
                assert response.batch.sequence == sequence + 1
                sequence += 1
                self._take(response.batch)
                await self._call.write(pb.StreamQuotesRequest(grant={"credits": 1}))
            for line in response.confirmed.lines:
                self.states[line.con_id] = line.state
            async with self._news:
                self._news.notify_all()

    def _take(self, batch: pb.QuoteBatch) -> None:
        rows = zip(batch.con_id, batch.stale, batch.quote_time_us, strict=True)
        for con_id, stale, quoted_us in rows:
            assert quoted_us >= self.quoted_us.get(con_id, 0), "an older quote came after a newer one"
            self.stale[con_id] = stale
            self.quoted_us[con_id] = quoted_us
