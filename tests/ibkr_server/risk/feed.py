"""Our own lines and quotes over a gateway that answers subscriptions as it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from math import nan

from ibkr_server.gateway.pacer import Pacer
from ibkr_server.lines.lease_book import LeaseBook
from ibkr_server.lines.lines import Lines
from ibkr_server.quotes.board import QuoteBoard
from ibkr_server.quotes.columns import Quote, Update
from ibkr_server.risk.leg_quotes import LegQuotes

EPOCH = 1_795_000_000.0
"""Market time when the loop's clock shows 0."""


class Feed:
    """Quotes what is subscribed to at once, from `quotes`, and nothing else by itself."""

    ready = True

    def __init__(self, lines: int = 100) -> None:
        self.clock = asyncio.get_running_loop().time
        self.pacer = Pacer(40.0, self.clock)
        self.lines = Lines(LeaseBook(lines, 10.0, 200), self, self.pacer, self.clock)
        self.board = QuoteBoard()
        self.legs = LegQuotes(self.lines, self.board, self.market_now)
        self.quotes: dict[int, tuple[float, float]] = {}
        self.refused: dict[int, int] = {}
        self.origin = 1
        self.sent: list[tuple[str, int]] = []

    def market_now(self) -> float:
        return EPOCH + self.clock()

    def subscribe(self, con_id: int, number: int) -> None:
        self.pacer.read(number)
        self.sent.append(("start", con_id))
        if con_id in self.refused:
            self.lines.refused(con_id, self.refused[con_id], "not subscribed")
        elif con_id in self.quotes:
            self.tell(con_id)

    def unsubscribe(self, con_id: int) -> None:
        self.pacer.forget_unread()
        self.sent.append(("stop", con_id))

    def tell(self, con_id: int) -> None:
        """A tick of bid and ask comes."""
        bid, ask = self.quotes[con_id]
        quote = Quote(bid, ask, 1, 1, nan, nan, nan, nan, nan, nan, nan, nan, self.origin)
        self.lines.quoted(con_id)
        self.board.write([Update(con_id, quote, True)], int(self.market_now() * 1e6))


@asynccontextmanager
async def feeding(lines: int = 100) -> AsyncIterator[Feed]:
    """A feed whose loops run."""
    feed = Feed(lines)
    running = [asyncio.create_task(feed.pacer.run()), asyncio.create_task(feed.lines.run())]
    try:
        yield feed
    finally:
        feed.legs.close()
        for task in running:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
