"""The sending process of `staleness_credit1`: 10,000 ticks a second, each with the instant it was made at.

`StreamQuotes` is the server's own. WatchQuotes stands in for the baseline: one message for each tick that is
due when the channel takes it, and no credits.
"""

import asyncio
from collections.abc import AsyncIterator
from itertools import cycle
from typing import NoReturn

from spreadmesh.market.v1.quotes_pb2 import QuoteBatch, WatchQuotesRequest, WatchQuotesResponse

from bench.quote_sender import serve
from bench.quotes import con_ids, random_quotes
from bench.ticks import CONTRACTS, TICKS_PER_SECOND, now_us
from ibkr_server.quotes.board import QuoteBoard
from ibkr_server.quotes.columns import Update
from ibkr_server.rpc.market_data_service import Context, MarketDataServicer
from mesh.process import run_process

STEP_SECONDS = 0.001


async def tick(board: QuoteBoard) -> NoReturn:
    """Write quotes at the pace, in steps of a millisecond."""
    loop = asyncio.get_running_loop()
    quotes = cycle(zip(con_ids()[:CONTRACTS], random_quotes()[:CONTRACTS], strict=True))
    began, made = loop.time(), 0
    while True:
        due = int((loop.time() - began) * TICKS_PER_SECOND)
        for con_id, quote in (next(quotes) for _ in range(due - made)):
            board.write([Update(con_id, quote, is_quote=True)], now_us())
        made = due
        await asyncio.sleep(STEP_SECONDS)


class Servicer(MarketDataServicer):
    """The server's own, but for WatchQuotes."""

    async def WatchQuotes(  # noqa: N802 - named by the contract
        self, request: WatchQuotesRequest, context: Context
    ) -> AsyncIterator[WatchQuotesResponse]:
        """One tick per message, at the pace of the ticks as far as the channel takes them."""
        quotes = cycle(zip(con_ids()[:CONTRACTS], random_quotes()[:CONTRACTS], strict=True))
        loop = asyncio.get_running_loop()
        began, sent = loop.time(), 0
        while True:
            for _ in range(int((loop.time() - began) * TICKS_PER_SECOND) - sent):
                con_id, quote = next(quotes)
                yield WatchQuotesResponse(
                    batch=QuoteBatch(
                        con_id=[con_id], bid=[quote.bid], ask=[quote.ask], quote_time_us=[now_us()]
                    )
                )
            sent = int((loop.time() - began) * TICKS_PER_SECOND)
            await asyncio.sleep(STEP_SECONDS)


async def main() -> None:
    """Tick and serve."""
    board = QuoteBoard()
    ticking = asyncio.create_task(tick(board))
    try:
        await serve(board, Servicer)
    finally:
        ticking.cancel()


if __name__ == "__main__":
    run_process("tick_sender", main())
