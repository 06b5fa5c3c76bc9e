"""Live quotes of an order's legs, from our own market data lines."""

import asyncio
import contextlib
from collections.abc import Callable, Collection, Iterable
from decimal import Decimal
from math import isnan
from typing import Final, Protocol

from ibkr_server.lines.lease import Lease
from ibkr_server.lines.lease_book import LeaseBook
from ibkr_server.quotes.board import QuoteBoard, QuoteReader
from ibkr_server.quotes.columns import FLOAT_FIELDS
from ibkr_server.risk.prices import BidAsk

OWNER: Final = "orders"
PRIORITY: Final = 100
HOLD_SECONDS: Final = 30.0
"""As long as a preview holds: the order that follows it finds its quotes at hand."""
WAIT_SECONDS: Final = 2.0
RENEW_SECONDS: Final = 0.3
"""A quote too old after that is asked for again."""
LIVE: Final = 1
_BID, _ASK = FLOAT_FIELDS.index("bid"), FLOAT_FIELDS.index("ask")


class WantedLines(Protocol):
    """The market data lines, as `Lines` has them."""

    book: LeaseBook

    def want(self, owner: str, con_id: int, priority: int) -> Lease | None:
        """Let `owner` have a contract's quotes from now on; None where too many contracts are wanted."""

    def release(self, owner: str, con_ids: Iterable[int]) -> None:
        """`owner` no longer wants these contracts."""


class LegQuotes:
    """Takes a line for each leg, of the highest priority, and keeps it `HOLD_SECONDS` after the last wait."""

    def __init__(self, lines: WantedLines, board: QuoteBoard, market_now: Callable[[], float]) -> None:
        """`market_now` gives market time in seconds since 1970 UTC, 0 while it is not known."""
        self._lines = lines
        self._board = board
        self._market_now = market_now
        self._held: dict[int, asyncio.TimerHandle] = {}

    async def wait(self, con_ids: Collection[int], max_age: float) -> None:
        """Wait until every leg has a good quote of that age at most, but no longer than `WAIT_SECONDS`.

        A contract that trades little is quoted seldom, and its line tells nothing in between: where the last
        quote is too old the line is ended and asked for anew, upon which IB sends the quote as it is.
        """
        for con_id in con_ids:
            self._hold(con_id)
        fresh = asyncio.Event()
        reader = QuoteReader(len(con_ids), fresh)
        self._board.follow(reader, con_ids)
        try:
            if not await self._until_good(con_ids, max_age, fresh, RENEW_SECONDS):
                self._renew(con_id for con_id in con_ids if not self._is_good(con_id, max_age))
                await self._until_good(con_ids, max_age, fresh, WAIT_SECONDS - RENEW_SECONDS)
        finally:
            self._board.close(reader)

    def quote(self, con_id: int) -> BidAsk | str:
        """The last quote of a leg, or in words why it can't be relied on."""
        columns = self._board.columns
        row, now, quoted_at = columns.row(con_id), self._market_now(), columns.quote_time(con_id)
        lease = self._lines.book.get(con_id)
        if lease is not None and lease.reason:
            return lease.reason
        if quoted_at is None or not now:
            return "there is no quote of it"
        if columns.stale[row]:
            return "its quote is stale"
        if columns.origin[row] != LIVE:
            return "its quote is not live, but delayed or frozen"
        bid, ask = float(columns.values[_BID, row]), float(columns.values[_ASK, row])
        if isnan(bid) or isnan(ask) or ask <= 0:
            return "it has no bid and ask"
        if bid > ask:
            return f"its bid, {bid:g}, is above its ask, {ask:g}"
        return BidAsk(Decimal(repr(bid)), Decimal(repr(ask)), max(0.0, now - quoted_at))

    def close(self) -> None:
        """Give every line back."""
        for con_id in list(self._held):
            self._release(con_id)

    def _is_good(self, con_id: int, max_age: float) -> bool:
        quote = self.quote(con_id)
        return isinstance(quote, BidAsk) and quote.age_seconds <= max_age

    async def _until_good(
        self, con_ids: Collection[int], max_age: float, fresh: asyncio.Event, seconds: float
    ) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not all(self._is_good(con_id, max_age) for con_id in con_ids):
                    fresh.clear()
                    await fresh.wait()
        return all(self._is_good(con_id, max_age) for con_id in con_ids)

    def _renew(self, con_ids: Iterable[int]) -> None:
        for con_id in con_ids:
            lease = self._lines.book.get(con_id)
            if lease is not None and lease.quoted:  # a line that has not told anything yet is still to come
                self._lines.book.ended(con_id)

    def _hold(self, con_id: int) -> None:
        held = self._held.pop(con_id, None)
        if held is not None:
            held.cancel()
        self._lines.want(OWNER, con_id, PRIORITY)
        timer = asyncio.get_running_loop().call_later(HOLD_SECONDS, self._release, con_id)
        self._held[con_id] = timer

    def _release(self, con_id: int) -> None:
        self._held.pop(con_id).cancel()
        self._lines.release(OWNER, [con_id])
