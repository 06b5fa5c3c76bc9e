"""Calls of spreadmesh.market.v1.MarketDataService."""

from collections.abc import AsyncGenerator, Iterable
from datetime import date
from typing import TypeAlias

import grpc
from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.market.v1.chain_pb2 import GetOptionChainRequest, GetOptionChainResponse
from spreadmesh.market.v1.gateway_pb2 import (
    GatewayStatus,
    GetGatewayStatusRequest,
    ListMarketDataLinesRequest,
    ListMarketDataLinesResponse,
    WatchGatewayStatusRequest,
    WatchGatewayStatusResponse,
)
from spreadmesh.market.v1.market_data_service_pb2_grpc import MarketDataServiceStub
from spreadmesh.market.v1.quotes_pb2 import (
    LinesConfirmed,
    OpenQuotes,
    QuoteBatch,
    WatchQuotesRequest,
    WatchQuotesResponse,
)

from mesh.resilience.retry_budget import RetryBudget
from spreadmesh_client.quote_stream import EXPLICIT_PRIORITY, QuoteStream
from spreadmesh_client.streams import DEFAULT_LIMITS, ReopeningStream, StreamLimits
from spreadmesh_client.unary import CHAIN_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS, read

QuoteEvent: TypeAlias = QuoteBatch | LinesConfirmed | Heartbeat


class MarketData:
    """Option chains, quotes and the state of the gateway. Calls raise MeshError with the server's details."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = MarketDataServiceStub(channel)
        self._budget = RetryBudget()

    async def get_option_chain(
        self,
        symbol: str,
        *,
        security_type: str | None = None,
        currency: str | None = None,
        expiration_from: date | None = None,
        expiration_to: date | None = None,
        timeout_seconds: float = CHAIN_TIMEOUT_SECONDS,
    ) -> GetOptionChainResponse:
        """The options on `symbol` that expire between two dates, both included."""
        request = GetOptionChainRequest(
            symbol=symbol,
            security_type=security_type,
            currency=currency,
            expiration_from=_iso(expiration_from),
            expiration_to=_iso(expiration_to),
        )
        return await read(self._stub.GetOptionChain, request, timeout_seconds, self._budget)

    def stream_quotes(
        self,
        con_ids: Iterable[int] = (),
        *,
        owner: str = "spreadmesh_client",
        priority: int = EXPLICIT_PRIORITY,
        greeks: bool = False,
        credits: int = 4,
        max_rows: int | None = None,
        limits: StreamLimits = DEFAULT_LIMITS,
    ) -> QuoteStream:
        """Quotes of contracts that may change on the way, for `async with` and `async for`.

        Args:
            con_ids: Contracts wanted at first.
            owner: Who is asking, as `list_market_data_lines` shows it; 1 to 64 characters.
            priority: Of those contracts when lines are short, 0 to 100; higher goes first.
            greeks: Also send the gateway's own implied volatility and greeks.
            credits: Batches that may be under way at once; 1 gives the freshest, more gives throughput.
            max_rows: Most rows in one batch, 1 to 8,192; the server's default is 1,024.
            limits: How long to wait for the server.
        """
        opening = OpenQuotes(owner=owner, credits=credits, greeks=greeks, max_rows=max_rows)
        return QuoteStream(self._stub, opening, dict.fromkeys(con_ids, priority), limits)

    async def watch_quotes(
        self,
        con_ids: Iterable[int] = (),
        symbols: Iterable[str] = (),
        *,
        greeks: bool = False,
        min_interval_seconds: float | None = None,
        limits: StreamLimits = DEFAULT_LIMITS,
    ) -> AsyncGenerator[QuoteEvent, None]:
        """Quotes of contracts and shares without credits; confirmations come first. Use with `aclosing`."""
        request = WatchQuotesRequest(
            con_ids=con_ids, symbols=symbols, greeks=greeks, min_interval_seconds=min_interval_seconds
        )
        stream: ReopeningStream[object, WatchQuotesResponse] = ReopeningStream(
            lambda _requests, timeout: self._stub.WatchQuotes(request, timeout=timeout), tuple, limits
        )
        try:
            while True:
                response = await stream.read()
                kind = response and response.WhichOneof("message")
                if response is None:
                    yield stream.loss
                elif kind is not None:
                    yield getattr(response, kind)
        finally:
            stream.drop()

    async def list_market_data_lines(
        self, *, timeout_seconds: float = READ_TIMEOUT_SECONDS
    ) -> ListMarketDataLinesResponse:
        """Who has a market data line and who waits."""
        return await read(
            self._stub.ListMarketDataLines, ListMarketDataLinesRequest(), timeout_seconds, self._budget
        )

    async def get_gateway_status(self, *, timeout_seconds: float = READ_TIMEOUT_SECONDS) -> GatewayStatus:
        """State of the connection to TWS or IB Gateway."""
        response = await read(
            self._stub.GetGatewayStatus, GetGatewayStatusRequest(), timeout_seconds, self._budget
        )
        return response.status

    async def watch_gateway_status(
        self, *, max_interval_seconds: float | None = None, limits: StreamLimits = DEFAULT_LIMITS
    ) -> AsyncGenerator[GatewayStatus, None]:
        """The same at every change, and at least every few seconds. Use with `aclosing`.

        An empty one, where nothing is known and `ready` is false, says that ibkr_server itself is away.
        """
        request = WatchGatewayStatusRequest(max_interval_seconds=max_interval_seconds)
        stream: ReopeningStream[object, WatchGatewayStatusResponse] = ReopeningStream(
            lambda _requests, timeout: self._stub.WatchGatewayStatus(request, timeout=timeout), tuple, limits
        )
        try:
            while True:
                response = await stream.read()
                yield GatewayStatus() if response is None else response.status
        finally:
            stream.drop()


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
