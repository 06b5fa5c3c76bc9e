"""One StreamQuotes call: what we say and what we hear, until either side ends it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

import grpc
from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.market.v1.quotes_pb2 import (
    LinesConfirmed,
    OpenQuotes,
    QuoteBatch,
    StreamQuotesRequest,
    StreamQuotesResponse,
)

from scanner_server.feed.outbox import Outbox
from scanner_server.translation.times import seconds_of

if TYPE_CHECKING:  # the name exists in the types alone
    from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceAsyncStub

PING_SECONDS = 1.0
SILENCE_SECONDS = 2.5


class Listener(Protocol):
    """Who is told what the feed says."""

    def on_response(self) -> None:
        """A message of any kind has come; one of the methods below follows."""

    def on_opened(self, epoch: int) -> None:
        """The stream is up; `epoch` names the sender's run."""

    def on_confirmed(self, confirmed: LinesConfirmed) -> None:
        """Contracts were taken or refused."""

    def on_batch(self, batch: QuoteBatch) -> None:
        """Quotes; the credit goes back to the sender when this returns."""

    def on_pong(self, market_time: float) -> None:
        """An answer to a ping, with the market's time in unix seconds."""

    def on_heartbeat(self, heartbeat: Heartbeat) -> None:
        """Nothing new; says whether the gateway behind the feed is away."""


class FeedSession:
    """A call in progress. Every second it pings and looks again at what is wanted.

    The peer answers each ping, so a silence of `SILENCE_SECONDS` means that it is gone.
    """

    def __init__(
        self,
        stub: "MarketDataServiceAsyncStub",
        listener: Listener,
        wanted: Callable[[], Mapping[int, int]],
        *,
        owner: str,
        credits_count: int,
    ) -> None:
        self._stub = stub
        self._listener = listener
        self._wanted = wanted
        self._open = OpenQuotes(owner=owner, credits=credits_count)
        self._outbox = Outbox()
        self._something_to_say = asyncio.Event()
        self._is_over = False

    def look_again(self) -> None:
        """What is wanted has changed: tell the feed."""
        self._outbox.want(self._wanted())
        self._something_to_say.set()

    async def run(self) -> None:
        """Talk until the peer ends the stream.

        Raises:
            grpc.RpcError: the call failed.
            TimeoutError: the peer fell silent.
            MalformedBatch: the listener refused a batch.
        """
        call = self._stub.StreamQuotes(self._requests())
        try:
            while (response := await _read(call)) is not grpc.aio.EOF:
                self._hear(response)
        finally:
            call.cancel()  # a stream that is only dropped stays open at the peer
            self._end_requests()

    def _end_requests(self) -> None:
        # The task of grpc that reads them outlives a call whose server has gone: no cancel reaches it.
        self._is_over = True
        self._something_to_say.set()

    async def _requests(self) -> AsyncIterator[StreamQuotesRequest]:
        yield StreamQuotesRequest(open=self._open)
        loop = asyncio.get_running_loop()
        for nonce in count(1):
            self._outbox.ping(nonce)
            self.look_again()  # contracts may have lingered long enough
            due = loop.time() + PING_SECONDS
            while await self._wait_for_message(due):
                if self._is_over:
                    return
                message = self._outbox.next()
                if message is not None:
                    yield message
                else:
                    self._something_to_say.clear()

    async def _wait_for_message(self, due: float) -> bool:
        try:
            async with asyncio.timeout_at(due):
                await self._something_to_say.wait()
        except TimeoutError:
            return False
        return True

    def _hear(self, response: StreamQuotesResponse) -> None:
        self._listener.on_response()
        match response.WhichOneof("message"):
            case "opened":
                self._listener.on_opened(response.opened.epoch)
            case "confirmed":
                self._listener.on_confirmed(response.confirmed)
            case "batch":
                self._listener.on_batch(response.batch)
                self._outbox.grant(1)
                self._something_to_say.set()
            case "pong":
                self._listener.on_pong(seconds_of(response.pong.market_time))
            case "heartbeat":
                self._listener.on_heartbeat(response.heartbeat)


async def _read(call: grpc.aio.StreamStreamCall[StreamQuotesRequest, StreamQuotesResponse]) -> Any:
    async with asyncio.timeout(SILENCE_SECONDS):
        return await call.read()
