"""The two directions of StreamQuotes: reads what the caller asks while writing what it may be sent."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

from opentelemetry import trace
from spreadmesh.market.v1 import quotes_pb2 as pb

from ibkr_server.market import Market
from ibkr_server.quotes.stream import HEARTBEAT_SECONDS, MAX_CREDITS, QuoteStream
from ibkr_server.rpc.checks import checked_con_ids, checked_owner, checked_range
from ibkr_server.rpc.messages import timestamp
from mesh.errors import invalid_argument, quota_exceeded

DEFAULT_ROWS, MAX_ROWS = 1024, 8192
MAX_PRIORITY = 100
MAX_PONGS = 64
OPEN_SECONDS = 10.0


class QuoteConversation:
    """Iterate it for the responses. Owns the task that reads the requests; its errors end the stream."""

    def __init__(self, market: Market, requests: AsyncIterator[pb.StreamQuotesRequest]) -> None:
        self._market = market
        self._requests = requests
        self._pongs: deque[pb.Pong] = deque()

    async def __aenter__(self) -> Self:
        opening = await self._first_request()
        self._stream = QuoteStream(
            self._market,
            checked_owner("open.owner", opening.owner),
            credits=checked_range("open.credits", opening.credits, 1, MAX_CREDITS),
            greeks=opening.greeks,
            max_rows=_max_rows(opening),
            span=trace.get_current_span(),
        )
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._reading.cancel()
        try:
            await asyncio.wait({self._reading})
        finally:  # a call may be cancelled a second time while it ends
            self._stream.close()

    async def __aiter__(self) -> AsyncIterator[pb.StreamQuotesResponse]:
        now = asyncio.get_running_loop().time
        yield pb.StreamQuotesResponse(opened=pb.QuotesOpened(epoch=self._stream.epoch))
        beat_at = now() + HEARTBEAT_SECONDS
        while True:
            self._stream.wake.clear()
            while (response := await self._next()) is not None:
                yield response
                if response.HasField("batch"):
                    beat_at = now() + HEARTBEAT_SECONDS
            if self._reading.done():
                self._reading.result()
                return
            if not await self._woken(beat_at):
                yield pb.StreamQuotesResponse(heartbeat=self._stream.heartbeat())
                beat_at = now() + HEARTBEAT_SECONDS

    async def _next(self) -> pb.StreamQuotesResponse | None:
        if self._pongs:
            return pb.StreamQuotesResponse(pong=self._pongs.popleft())
        if (confirmation := self._stream.next_confirmation()) is not None:
            return pb.StreamQuotesResponse(confirmed=confirmation)
        response = pb.StreamQuotesResponse()
        if not self._reading.done() and await self._stream.write_batch(response.batch):
            return response
        return None

    async def _woken(self, before: float) -> bool:
        try:
            async with asyncio.timeout_at(before):
                await self._stream.wake.wait()
        except TimeoutError:
            return False
        return True

    async def _first_request(self) -> pb.OpenQuotes:
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                first = await anext(self._requests, None)
        except TimeoutError:
            raise invalid_argument("open", f"did not come within {OPEN_SECONDS:.0f} s") from None
        if first is None or first.WhichOneof("message") != "open":
            raise invalid_argument("open", "must be the first message of a stream")
        return first.open

    async def _read(self) -> None:
        try:
            async for request in self._requests:
                self._take(request)
        finally:
            self._stream.wake.set()

    def _take(self, request: pb.StreamQuotesRequest) -> None:
        match request.WhichOneof("message"):
            case "add":
                con_ids = checked_con_ids("add.con_ids", request.add.con_ids)
                self._stream.add(
                    con_ids, checked_range("add.priority", request.add.priority, 0, MAX_PRIORITY)
                )
            case "drop":
                self._stream.drop(checked_con_ids("drop.con_ids", request.drop.con_ids))
            case "grant":
                self._stream.grant(request.grant.credits)
            case "ping":
                self._pong(request.ping.nonce)
            case "open":
                raise invalid_argument("open", "comes only once")
            case _:
                raise invalid_argument("message", "is missing")

    def _pong(self, nonce: int) -> None:
        if len(self._pongs) >= MAX_PONGS:
            raise quota_exceeded("pings", f"{MAX_PONGS} answers have not been read", 1.0)
        self._pongs.append(pb.Pong(nonce=nonce, market_time=timestamp(self._market.now())))
        self._stream.wake.set()


def _max_rows(opening: pb.OpenQuotes) -> int:
    if not opening.HasField("max_rows"):
        return DEFAULT_ROWS
    return checked_range("open.max_rows", opening.max_rows, 1, MAX_ROWS)
