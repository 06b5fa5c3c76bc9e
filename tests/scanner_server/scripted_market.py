"""A MarketDataService that says what a test tells it to, over a real channel."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Container, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any

import grpc
from spreadmesh.common.v1.contract_pb2 import OptionContract, Right, Underlying
from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.market.v1 import market_data_service_pb2_grpc as service
from spreadmesh.market.v1.chain_pb2 import GetOptionChainRequest, GetOptionChainResponse
from spreadmesh.market.v1.history_pb2 import (
    HISTORY_KIND_HISTORICAL_VOLATILITY,
    DailyBar,
    GetDailyHistoryRequest,
    GetDailyHistoryResponse,
)
from spreadmesh.market.v1.quotes_pb2 import (
    LineConfirmation,
    LinesConfirmed,
    LineState,
    Pong,
    QuoteBatch,
    QuotesOpened,
    StreamQuotesRequest,
    StreamQuotesResponse,
)

from mesh.errors import MeshError, not_found, to_trailers
from scanner_server.pricing.black import black
from scanner_server.translation.times import new_york_date, timestamp_of

NOON = 1_772_557_200.0  # 2026-03-03 12:00 in New York
SHARE = 1
SPOT = 100.0
VOLATILITY = 0.25
EXPIRATIONS = {"2026-03-20": 17.0, "2026-04-17": 45.0}
STRIKES = [80 + 2.5 * step for step in range(17)]
PATIENCE_SECONDS = 20


def contracts() -> list[OptionContract]:
    """Calls and puts of two expirations, numbered from 101 on."""
    listed = [
        (expiration, days, right, strike)
        for expiration, days in EXPIRATIONS.items()
        for right in (Right.RIGHT_CALL, Right.RIGHT_PUT)
        for strike in STRIKES
    ]
    return [
        OptionContract(
            con_id=number,
            symbol="ACME",
            expiration=expiration,
            expiration_time=timestamp_of(NOON + days * 86_400),
            strike=strike,
            right=right,
            multiplier=100,
            trading_class="ACME",
            local_symbol=f"ACME {expiration} {strike:g}{Right.Name(right)[6]}",
        )
        for number, (expiration, days, right, strike) in enumerate(listed, 101)
    ]


CONTRACTS = {contract.con_id: contract for contract in contracts()}


def mid_of(contract: OptionContract, spot: float = SPOT) -> float:
    deviation = VOLATILITY * math.sqrt(EXPIRATIONS[contract.expiration] / 365)
    return black(spot, contract.strike, deviation, 1.0 if contract.right == Right.RIGHT_CALL else -1.0)


class ScriptedStream:
    """One quote stream as its sender sees it. Batches may only be sent while there is a credit."""

    def __init__(self, market: "ScriptedMarket", epoch: int) -> None:
        self.epoch = epoch
        self.owner = ""
        self.asked: dict[int, int] = {}
        self.credits = 0
        self.granted = 0
        self.sequence = 0
        self.refused: set[int] = set()
        self.says_pong = True
        self._market = market
        self._out: asyncio.Queue[StreamQuotesResponse | MeshError | None] = asyncio.Queue()

    def send(self, response: StreamQuotesResponse) -> None:
        self._out.put_nowait(response)

    def send_batch(self, batch: QuoteBatch) -> None:
        assert self.credits > 0, "a batch without a credit"
        self.credits -= 1
        self.sequence += 1
        batch.epoch, batch.sequence = self.epoch, batch.sequence or self.sequence
        batch.market_time.CopyFrom(timestamp_of(self._market.now))
        self.send(StreamQuotesResponse(batch=batch))

    def send_quotes(
        self, con_ids: Iterable[int], *, spot: float = SPOT, stale: Container[int] = (), **header: Any
    ) -> None:
        """Quotes around the model's mids; the share's around spot; those of `stale` contracts are flagged."""
        batch = QuoteBatch(**header)
        for con_id in con_ids:
            mid = spot if con_id == SHARE else mid_of(CONTRACTS[con_id], spot)
            half = 0.01 if con_id == SHARE else 0.005 * mid + 0.01
            batch.con_id.append(con_id)
            batch.bid.append(max(mid - half, 0.0))
            batch.ask.append(mid + half)
            batch.open_interest.append(500)
            batch.quote_time_us.append(round(self._market.now * 1e6))
            batch.origin.append(1)
            batch.stale.append(con_id in stale)
        self.send_batch(batch)

    def send_everything(self, **options: Any) -> None:
        self.send_quotes([SHARE, *CONTRACTS], **options)

    def send_heartbeat(self, *, stale: bool) -> None:
        self.send(StreamQuotesResponse(heartbeat=Heartbeat(stale=stale)))

    def break_off(self, error: MeshError | None = None) -> None:
        """End the stream, well or with an error."""
        self._out.put_nowait(error)

    def hear(self, request: StreamQuotesRequest) -> None:
        match request.WhichOneof("message"):
            case "open":
                self.owner, self.credits = request.open.owner, request.open.credits
                self.send(StreamQuotesResponse(opened=QuotesOpened(epoch=self.epoch)))
            case "add":
                self.asked |= dict.fromkeys(request.add.con_ids, request.add.priority)
                self.send(StreamQuotesResponse(confirmed=self._confirmed(request.add.con_ids)))
            case "drop":
                for con_id in request.drop.con_ids:
                    del self.asked[con_id]
            case "grant":
                self.credits += request.grant.credits
                self.granted += request.grant.credits
            case "ping":
                if self.says_pong:
                    now = timestamp_of(self._market.now)
                    self.send(StreamQuotesResponse(pong=Pong(nonce=request.ping.nonce, market_time=now)))

    async def responses(self) -> AsyncIterator[StreamQuotesResponse]:
        while (response := await self._out.get()) is not None:
            if isinstance(response, MeshError):
                raise response
            yield response

    def _confirmed(self, con_ids: Iterable[int]) -> LinesConfirmed:
        streaming, refused = LineState.LINE_STATE_STREAMING, LineState.LINE_STATE_NOT_PERMITTED
        return LinesConfirmed(
            lines=[
                LineConfirmation(con_id=con_id, state=refused if con_id in self.refused else streaming)
                for con_id in con_ids
            ]
        )


class ScriptedMarket(service.MarketDataServiceServicer):
    """ACME and its options, on a clock that stands where the test puts it.

    While `refusal` is set, every new stream ends with it. `past` are the volatilities implied on the
    days before today, `realized` those of the share, told once `tells_past` is set; without any there is no
    history.
    """

    def __init__(self) -> None:
        self.now = NOON
        self.epoch = 7
        self.streams: list[ScriptedStream] = []
        self.chain_requests = 0
        self.histories_asked: list[int] = []
        self.refusal: MeshError | None = None
        self.listed = list(CONTRACTS.values())
        self.past: list[float] = []
        self.realized: list[float] = []
        self.tells_past = asyncio.Event()
        self.tells_past.set()
        self._changed = asyncio.Condition()

    @property
    def stream(self) -> ScriptedStream:
        return self.streams[-1]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until a condition holds; looked at after each request."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
            await self._changed.wait_for(holds)

    async def opened(self, count: int = 1) -> ScriptedStream:
        """The stream, once the given number of them have been opened."""
        await self.until(lambda: len(self.streams) >= count and self.streams[-1].owner != "")
        return self.stream

    async def GetOptionChain(  # noqa: N802 - the RPC's name
        self, request: GetOptionChainRequest, context: Any
    ) -> GetOptionChainResponse:
        self.chain_requests += 1
        if request.symbol != "ACME":
            error = not_found("symbol", request.symbol, "is not known")
            await context.abort(error.code, error.message, to_trailers(error))
        return GetOptionChainResponse(
            underlying=Underlying(con_id=SHARE, symbol="ACME"),
            contracts=self.listed,
            market_time=timestamp_of(self.now),
        )

    async def GetDailyHistory(  # noqa: N802 - the RPC's name
        self, request: GetDailyHistoryRequest, context: Any
    ) -> GetDailyHistoryResponse:
        self.histories_asked.append(request.kind)
        await self.tells_past.wait()
        is_realized = request.kind == HISTORY_KIND_HISTORICAL_VOLATILITY
        past = self.realized if is_realized else self.past
        if not past:
            error = not_found("history", request.symbol, "none is kept")
            await context.abort(error.code, error.message, to_trailers(error))
        days = [new_york_date(self.now - 86_400 * ago) for ago in range(len(past), 0, -1)]
        return GetDailyHistoryResponse(
            bars=[DailyBar(date=day, close=value) for day, value in zip(days, past, strict=True)],
            as_of=timestamp_of(self.now),
        )

    async def StreamQuotes(  # noqa: N802 - the RPC's name
        self, requests: Any, context: Any
    ) -> AsyncIterator[StreamQuotesResponse]:
        if self.refusal is not None:
            await context.abort(self.refusal.code, self.refusal.message, to_trailers(self.refusal))
        stream = ScriptedStream(self, self.epoch)
        self.streams.append(stream)
        listening = asyncio.create_task(self._listen(requests, stream))
        try:
            async for response in stream.responses():
                yield response
        except MeshError as error:
            await context.abort(error.code, error.message, to_trailers(error))
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening

    async def _listen(self, requests: Any, stream: ScriptedStream) -> None:
        async for request in requests:
            stream.hear(request)
            async with self._changed:
                self._changed.notify_all()


@asynccontextmanager
async def serve_market(market: ScriptedMarket, port: int = 0) -> AsyncIterator[str]:
    """Serve it; yields its address."""
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    service.add_MarketDataServiceServicer_to_server(market, server)
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    try:
        yield f"127.0.0.1:{bound}"
    finally:
        await server.stop(0)
