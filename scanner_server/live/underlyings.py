"""The live underlyings by symbol: made on first use, refreshed on a new day, dropped to make room."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from mesh.errors import MeshError, quota_exceeded
from mesh.logging import get_logger
from scanner_server.feed.batches import BatchColumns
from scanner_server.feed.market_clock import MarketClock
from scanner_server.live.underlying import LiveUnderlying
from scanner_server.snapshot.listed_chain import ListedChain
from scanner_server.translation.times import new_york_date

CHECK_SECONDS = 1.0
CLOSE_SECONDS = 5.0
MOST_REQUESTS = 16
RETRY_AFTER_SECONDS = 10.0

log = get_logger(__name__)

Day = tuple[str, int]


class Underlyings:
    """Books by symbol. Callers that want the same new one share the request for its chain.

    A chain is good for one date in New York, by the market clock, and one era of that clock. The books are
    the sink of the feed.
    """

    def __init__(
        self,
        fetch_chain: Callable[[str], Awaitable[ListedChain]],
        make: Callable[[ListedChain], LiveUnderlying],
        clock: MarketClock,
        *,
        limit: int,
    ) -> None:
        """Start without any; at most `limit` are kept."""
        self._fetch_chain = fetch_chain
        self._make = make
        self._clock = clock
        self._limit = limit
        self._books: dict[str, LiveUnderlying] = {}
        self._days: dict[str, Day] = {}
        self._requests: dict[str, asyncio.Task[LiveUnderlying]] = {}

    def __repr__(self) -> str:
        return f"<Underlyings {sorted(self._books)} requests={len(self._requests)}>"

    def __len__(self) -> int:
        return len(self._books)

    async def get(self, symbol: str) -> LiveUnderlying:
        """The book of a symbol with today's chain, or the last one where that can't be had. Safe to cancel.

        Raises:
            MeshError: whatever ibkr_server says of an unknown symbol (NOT_FOUND), UNAVAILABLE where it is
                away, RESOURCE_EXHAUSTED where all books are in use.
        """
        book = self._books.pop(symbol, None)
        if book is not None:
            self._books[symbol] = book  # the last one is the one used last
            if self._days[symbol] == self._today():
                return book
        try:
            return await self._requested(symbol)
        except MeshError:
            if book is None:
                raise
            log.warning("chain not refreshed", symbol=symbol)
            return book

    def apply(self, batch: BatchColumns) -> None:
        """Hand a batch to the books whose contracts are in it."""
        for book in self._books.values():
            book.apply(batch)

    def lost(self) -> None:
        """The feed is gone: no quote can be relied on until it comes again."""
        for book in self._books.values():
            book.lost()

    def wake(self) -> None:
        """The state of the feed has changed: tell every scan."""
        for book in self._books.values():
            book.wake()

    async def run(self) -> None:
        """Refresh chains that scans are using when their day is over, until cancelled."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            await self.refresh()

    async def refresh(self) -> None:
        """Ask for the chains of another day that scans are using."""
        for symbol, book in list(self._books.items()):
            if not book.is_idle and self._days[symbol] != self._today():
                await self.get(symbol)

    async def close(self) -> None:
        """Give up requests and wait for computations, `CLOSE_SECONDS` at most."""
        requests = list(self._requests.values())
        for request in requests:
            request.cancel()
        await asyncio.gather(*requests, return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                for book in self._books.values():
                    await book.close()

    async def _requested(self, symbol: str) -> LiveUnderlying:
        request = self._requests.get(symbol)
        if request is None:
            if len(self._requests) >= MOST_REQUESTS:
                raise quota_exceeded(
                    "chains", f"{MOST_REQUESTS} are being requested already", RETRY_AFTER_SECONDS
                )
            request = asyncio.create_task(self._load(symbol))
            self._requests[symbol] = request
        return await asyncio.shield(request)

    async def _load(self, symbol: str) -> LiveUnderlying:
        try:
            listed = await self._fetch_chain(symbol)
            self._clock.passed(listed.market_time)
            book = self._books.get(symbol)
            if book is None:
                await self._make_room()
                book = self._books[symbol] = self._make(listed)
            else:
                book.replace_chain(listed)
            self._days[symbol] = self._today()
            log.info("chain loaded", symbol=symbol, contracts=len(listed.chain), day=self._days[symbol][0])
            return book
        finally:
            del self._requests[symbol]

    async def _make_room(self) -> None:
        while len(self._books) >= self._limit:
            idle = next((symbol for symbol, book in self._books.items() if book.is_idle), None)
            if idle is None:
                raise quota_exceeded("underlyings", f"{self._limit} are being scanned", RETRY_AFTER_SECONDS)
            del self._days[idle]
            await self._books.pop(idle).close()

    def _today(self) -> Day:
        return new_york_date(self._clock.now()), self._clock.era
