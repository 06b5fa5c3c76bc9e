"""The sending process of `stream_ticks`: the server's own StreamQuotes over quotes that never stop changing.

WatchQuotes stands in for the baseline here: one tick per message, as fast as the channel takes them.
"""

import asyncio
import itertools
import sys
from collections.abc import AsyncIterator, Callable, Iterable

from spreadmesh.market.v1.market_data_service_pb2_grpc import add_MarketDataServiceServicer_to_server
from spreadmesh.market.v1.quotes_pb2 import QuoteBatch, WatchQuotesRequest, WatchQuotesResponse

from bench.codec import ticks
from bench.quotes import QUOTE_TIME_US, ROWS, con_ids, filled_columns, random_quotes
from ibkr_server import metrics
from ibkr_server.market import Market
from ibkr_server.quotes.board import QuoteBoard, QuoteReader
from ibkr_server.quotes.columns import Update
from ibkr_server.rpc.market_data_service import Context, MarketDataServicer
from ibkr_server.settings import IbkrSettings
from mesh.conflation import DirtySet
from mesh.logging import configure_logging
from mesh.process import freeze_startup, run_process
from mesh.server import Service, serving
from mesh.telemetry.start import start_telemetry


class Restless(DirtySet[int]):
    """Rows that change again as soon as they are taken."""

    def take(self, limit: int) -> list[int]:
        """Remove and return rows, and mark each of them anew."""
        taken = super().take(limit)
        self.mark_all(taken)
        return taken


class BusyBoard(QuoteBoard):
    """A board of quotes that never rest."""

    def __init__(self) -> None:
        super().__init__()
        quotes = zip(con_ids(), random_quotes(), strict=True)
        self.write([Update(con_id, quote, True) for con_id, quote in quotes], QUOTE_TIME_US)

    def follow(self, reader: QuoteReader, con_ids: Iterable[int]) -> None:
        """Let a reader have these contracts, which never rest."""
        reader.dirty = Restless(ROWS)
        super().follow(reader, con_ids)


class Servicer(MarketDataServicer):
    """The server's own, but for WatchQuotes."""

    async def WatchQuotes(  # noqa: N802 - named by the contract
        self, request: WatchQuotesRequest, context: Context
    ) -> AsyncIterator[WatchQuotesResponse]:
        """One tick per message."""
        for tick in itertools.cycle(ticks(filled_columns())):
            yield WatchQuotesResponse(batch=QuoteBatch(**tick))


async def serve(board: QuoteBoard, answer: Callable[[Market], MarketDataServicer]) -> None:
    """Print the address, then serve the quotes of a board until standard input ends."""
    settings = IbkrSettings(port=0, drain_seconds=0)
    configure_logging("ERROR", settings.log_format)
    market = Market(settings)
    market.quotes = board
    service = Service(
        "spreadmesh.market.v1.MarketDataService",
        lambda server: add_MarketDataServiceServicer_to_server(answer(market), server),
    )
    metrics.export_market(market)
    telemetry = start_telemetry("sender", settings, settings.metrics_address)
    async with telemetry, serving(settings, [service]) as server:
        freeze_startup()
        print(server.address, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    run_process("quote_sender", serve(BusyBoard(), Servicer))
