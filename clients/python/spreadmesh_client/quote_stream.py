"""Quotes with credits: contracts come and go on one stream, which is opened anew when it breaks."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from spreadmesh.common.v1.feed_pb2 import CreditGrant, Heartbeat
from spreadmesh.market.v1.quotes_pb2 import (
    AddContracts,
    DropContracts,
    LinesConfirmed,
    OpenQuotes,
    QuoteBatch,
    StreamQuotesRequest,
    StreamQuotesResponse,
)

from spreadmesh_client.streams import ReopeningStream, Stream, StreamLimits

if TYPE_CHECKING:
    from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceAsyncStub

MAX_CON_IDS: Final = 20_000
EXPLICIT_PRIORITY: Final = 50
"""Of contracts that somebody asks for by number, as WatchQuotes has it: they do not wait for a scan's."""


class QuoteStream(Stream):
    """Batches of quotes, confirmations of contracts, and heartbeats.

    A credit goes back when the next event is asked for. A break is told at once, by a heartbeat that says
    stale; then the stream asks for its contracts again, and the epoch of the batches differs.
    """

    def __init__(
        self,
        stub: "MarketDataServiceAsyncStub",
        opening: OpenQuotes,
        wanted: dict[int, int],
        limits: StreamLimits,
    ) -> None:
        """Prepare; `wanted` gives the priority of each contract number."""
        self._opening = opening
        self._wanted = wanted
        self._owes_credit = False
        self._stream: ReopeningStream[StreamQuotesRequest, StreamQuotesResponse] = ReopeningStream(
            lambda requests, timeout: stub.StreamQuotes(requests, timeout=timeout), self._greet, limits
        )

    async def __anext__(self) -> QuoteBatch | LinesConfirmed | Heartbeat:
        while True:
            if self._owes_credit:
                self._owes_credit = False
                await self._stream.write(StreamQuotesRequest(grant=CreditGrant(credits=1)))
            response = await self._stream.read()
            if response is None:
                return self._stream.loss
            match response.WhichOneof("message"):
                case "batch":
                    self._owes_credit = True
                    return response.batch
                case "confirmed":
                    return response.confirmed
                case "heartbeat":
                    return response.heartbeat

    async def add(self, con_ids: Iterable[int], priority: int = EXPLICIT_PRIORITY) -> None:
        """Ask for more contracts; confirmations come as events."""
        added = dict.fromkeys(con_ids, priority)
        self._wanted |= added
        for request in _additions(added):
            await self._stream.write(request)

    async def drop(self, con_ids: Iterable[int]) -> None:
        """Stop asking for contracts."""
        dropped = list(con_ids)
        for con_id in dropped:
            self._wanted.pop(con_id, None)
        for part in _parts(dropped):
            await self._stream.write(StreamQuotesRequest(drop=DropContracts(con_ids=part)))

    def _greet(self) -> list[StreamQuotesRequest]:
        self._owes_credit = False
        return [StreamQuotesRequest(open=self._opening), *_additions(self._wanted)]


def _additions(wanted: dict[int, int]) -> Iterator[StreamQuotesRequest]:
    for priority in sorted(set(wanted.values()), reverse=True):
        for part in _parts([con_id for con_id, given in wanted.items() if given == priority]):
            yield StreamQuotesRequest(add=AddContracts(con_ids=part, priority=priority))


def _parts(con_ids: list[int]) -> Iterator[list[int]]:
    return (con_ids[i : i + MAX_CON_IDS] for i in range(0, len(con_ids), MAX_CON_IDS))
