"""MarketDataService: checks requests and answers them from the market behind it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from datetime import date, datetime
from typing import Any

import grpc
from opentelemetry import trace
from spreadmesh.market.v1 import (
    chain_pb2,
    gateway_pb2,
    history_pb2,
    market_data_service_pb2_grpc,
    quotes_pb2,
)

from ibkr_server.chain.contracts import Underlying
from ibkr_server.chain.expiration import NEW_YORK
from ibkr_server.history.bars import HistoryQuery
from ibkr_server.market import Market
from ibkr_server.quotes.stream import HEARTBEAT_SECONDS, MAX_CREDITS, QuoteStream
from ibkr_server.rpc import messages
from ibkr_server.rpc.checks import (
    checked_con_ids,
    checked_expirations,
    checked_history,
    checked_owner,
    checked_range,
    checked_symbol,
)
from ibkr_server.rpc.quote_conversation import QuoteConversation
from ibkr_server.rpc.status import gateway_status
from mesh.errors import unavailable

WATCH_PRIORITY = 50
WATCH_INTERVAL_SECONDS = 0.25
STATUS_INTERVAL_SECONDS = 5.0

Context = grpc.aio.ServicerContext[Any, Any]


class MarketDataServicer(market_data_service_pb2_grpc.MarketDataServiceServicer):
    """Thin: what it answers with lives in the market."""

    def __init__(self, market: Market) -> None:
        self._market = market

    async def GetOptionChain(  # noqa: N802 - named by the contract
        self, request: chain_pb2.GetOptionChainRequest, context: Context
    ) -> chain_pb2.GetOptionChainResponse:
        """List the options on an underlying."""
        symbol = checked_symbol("symbol", request.symbol)
        today = self._today()
        first, last = checked_expirations(request, today)
        underlying = await self._market.chains.underlying(
            symbol, request.security_type or "STK", request.currency or "USD"
        )
        chain = await self._market.chains.chain(underlying, first, last)
        return await asyncio.to_thread(messages.option_chain, chain, self._market.now())

    async def GetDailyHistory(  # noqa: N802 - named by the contract
        self, request: history_pb2.GetDailyHistoryRequest, context: Context
    ) -> history_pb2.GetDailyHistoryResponse:
        """Daily history of an underlying."""
        kind, days = checked_history(request)
        self._today()
        underlying = await self._underlying(request)
        query = HistoryQuery(underlying.con_id, underlying.exchange, kind, days)
        history = await self._market.history.daily(query)
        return messages.daily_history(underlying, history, self._market.now())

    async def StreamQuotes(  # noqa: N802 - named by the contract
        self, requests: AsyncIterator[quotes_pb2.StreamQuotesRequest], context: Context
    ) -> AsyncIterator[quotes_pb2.StreamQuotesResponse]:
        """Quotes with credits."""
        async with QuoteConversation(self._market, requests) as conversation:
            async for response in conversation:
                yield response

    async def WatchQuotes(  # noqa: N802 - named by the contract
        self, request: quotes_pb2.WatchQuotesRequest, context: Context
    ) -> AsyncIterator[quotes_pb2.WatchQuotesResponse]:
        """Quotes for a fixed set of contracts; HTTP/2 flow control stands in for credits."""
        interval = WATCH_INTERVAL_SECONDS
        if request.HasField("min_interval_seconds"):
            interval = checked_range("min_interval_seconds", request.min_interval_seconds, 0.0, 60.0)
        con_ids = await self._con_ids(request)
        stream = QuoteStream(
            self._market,
            checked_owner("owner", context.peer()),
            credits=1,
            greeks=request.greeks,
            max_rows=MAX_CREDITS,
            span=trace.get_current_span(),
        )
        with closing(stream):
            stream.add(con_ids, WATCH_PRIORITY)
            async for response in _watch(stream, interval):
                yield response

    async def ListMarketDataLines(  # noqa: N802 - named by the contract
        self, request: gateway_pb2.ListMarketDataLinesRequest, context: Context
    ) -> gateway_pb2.ListMarketDataLinesResponse:
        """Who has a line and who waits."""
        return messages.market_data_lines(self._market, time.monotonic())

    async def GetGatewayStatus(  # noqa: N802 - named by the contract
        self, request: gateway_pb2.GetGatewayStatusRequest, context: Context
    ) -> gateway_pb2.GetGatewayStatusResponse:
        """State of the connection to the gateway."""
        return gateway_pb2.GetGatewayStatusResponse(status=gateway_status(self._market))

    async def WatchGatewayStatus(  # noqa: N802 - named by the contract
        self, request: gateway_pb2.WatchGatewayStatusRequest, context: Context
    ) -> AsyncIterator[gateway_pb2.WatchGatewayStatusResponse]:
        """The same now, at every change and at least every few seconds."""
        interval = STATUS_INTERVAL_SECONDS
        if request.HasField("max_interval_seconds"):
            interval = checked_range("max_interval_seconds", request.max_interval_seconds, 0.1, 60.0)
        with self._market.watching_state() as changed:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(interval):
                        await changed.wait()
                changed.clear()
                yield gateway_pb2.WatchGatewayStatusResponse(status=gateway_status(self._market))

    async def _con_ids(self, request: quotes_pb2.WatchQuotesRequest) -> list[int]:
        names = [checked_symbol(f"symbols[{i}]", symbol) for i, symbol in enumerate(request.symbols)]
        shares = [await self._market.chains.underlying(name) for name in names]
        return list(checked_con_ids("con_ids", [*request.con_ids, *(share.con_id for share in shares)]))

    async def _underlying(self, request: history_pb2.GetDailyHistoryRequest) -> Underlying:
        if request.HasField("con_id"):
            return await self._market.chains.underlying_of(checked_con_ids("con_id", [request.con_id])[0])
        symbol = checked_symbol("symbol", request.symbol)
        return await self._market.chains.underlying(
            symbol, request.security_type or "STK", request.currency or "USD"
        )

    def _today(self) -> date:
        if not self._market.ready:
            raise unavailable("no connection to the gateway", retry_after_seconds=1.0)
        return datetime.fromtimestamp(self._market.now(), NEW_YORK).date()


async def _watch(stream: QuoteStream, interval: float) -> AsyncIterator[quotes_pb2.WatchQuotesResponse]:
    while True:
        stream.wake.clear()
        while (confirmation := stream.next_confirmation()) is not None:
            yield quotes_pb2.WatchQuotesResponse(confirmed=confirmation)
        response = quotes_pb2.WatchQuotesResponse()
        while await stream.write_batch(response.batch):
            yield response
            stream.grant(1)
            stream.wake.clear()
            await asyncio.sleep(interval)
            response = quotes_pb2.WatchQuotesResponse()
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                await stream.wake.wait()
        except TimeoutError:
            yield quotes_pb2.WatchQuotesResponse(heartbeat=stream.heartbeat())
