"""The synthetic market: one process per underlying, quotes around the model's prices."""

import zlib
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from tws_sim.clock import Clock, MarketClock
from tws_sim.market import assets
from tws_sim.market.calendar import NEW_YORK, SessionCalendar, sessions
from tws_sim.market.instrument import Option, Share
from tws_sim.market.listing import Listing
from tws_sim.market.market import Floats, Ints, Side
from tws_sim.market.quote import Quote
from tws_sim.market.synthetic import universe
from tws_sim.market.synthetic.asset_book import AssetBook
from tws_sim.market.synthetic.book import RATE, Book, OptionColumns
from tws_sim.market.synthetic.process import STEP_SECONDS, Process

if TYPE_CHECKING:
    from tws_sim.requests.dispatch import Handler

# After a pause (a suspended machine, say) the path goes on from where it was instead of catching up.
_MOST_STEPS_AT_ONCE = 1200
_HISTORY_DAYS = 3653
_LISTED_BEFORE_EXPIRATION = 365


class SyntheticMarket:
    """Seeded underlyings, their options, and some indices, futures and currencies: a market."""

    answers: "Mapping[int, Handler]" = MappingProxyType({})
    rate = RATE

    def __init__(
        self,
        symbols: Sequence[str],
        seed: int,
        clock: Clock,
        start: datetime,
        *,
        ticks_per_second: float | None = 500.0,
        liveliness: float = 1.0,
        crowd: universe.Crowd = universe.NOBODY,
    ) -> None:
        start = start.astimezone(NEW_YORK)
        day = start.date()
        self.clock = MarketClock(clock, start)
        self.ticks_per_second = ticks_per_second
        self.calendar = sessions(day - timedelta(days=14), day + timedelta(days=universe.LISTED_DAYS))
        listed = universe.instruments(list(dict.fromkeys(symbols)), self.calendar, start, crowd)
        self.listing = Listing([*listed, *assets.listed(day)])
        self._steps = 0
        self._books: list[Book | AssetBook] = [
            self._book(item, row, seed, liveliness) for row, item in self._share_rows()
        ]
        previous = self._previous_close()
        self._books.append(
            AssetBook(len(listed), self.listing.assets, seed, liveliness, self.clock.start, previous)
        )
        self._book_of = np.zeros(len(self.listing.instruments), dtype=np.int64)
        for number, book in enumerate(self._books):
            self._book_of[book.first_row :] = number

    def _previous_close(self) -> datetime:
        return self.calendar.close(self.clock.start.date() - timedelta(days=1))

    def _share_rows(self) -> list[tuple[int, Share]]:
        return [(row, item) for row, item in enumerate(self.listing.instruments) if isinstance(item, Share)]

    def _book(self, item: Share, row: int, seed: int, liveliness: float) -> Book:
        profile = universe.profile(item.symbol)
        chain: list[Option] = self.listing.chains[item.symbol]
        own_seed = (seed << 32) ^ zlib.crc32(item.symbol.encode())
        columns = OptionColumns(chain, [self.calendar.close(one.last_trade) for one in chain])
        process = Process(profile, own_seed, liveliness)
        return Book(row, columns, process, own_seed, self.clock.start, self._previous_close())

    def advance(self, watched: Collection[int]) -> Sequence[int]:
        """Step every process to the clock's instant; what of the watched is no option is due."""
        target = int(self.clock.elapsed() / STEP_SECONDS)
        steps = min(target - self._steps, _MOST_STEPS_AT_ONCE)
        self._steps = target
        if steps <= 0:
            return []
        now = self.clock.now()
        for book in self._books:
            book.advance(steps, now)
        instruments = self.listing.instruments
        return [row for row in watched if not isinstance(instruments[row], Option)]

    def quotes(self, rows: Sequence[int]) -> list[Quote]:
        """The current state of these rows; sizes are drawn anew at every call."""
        now = self.clock.now()
        found: dict[int, Quote] = {}
        wanted = np.asarray(rows, dtype=np.int64)
        owners = self._book_of[wanted]
        for number in np.unique(owners):
            found.update(self._books[number].quotes(wanted[owners == number], now))
        return [found[row] for row in rows]

    def prices(self, row: int, side: Side, epochs: Floats) -> Floats:
        """Past prices; they meet the live ones."""
        return self._books[int(self._book_of[row])].prices(row, side, epochs)

    def implied_volatilities(self, row: int, epochs: Floats) -> Floats:
        """Past volatilities of a share; they meet the live one."""
        return self._books[int(self._book_of[row])].implied_volatilities(row, epochs)

    def volumes(self, row: int, starts: Floats, ends: Floats) -> Ints:
        """Past volumes."""
        return self._books[int(self._book_of[row])].volumes(row, starts, ends)

    def first_day(self, row: int) -> date:
        """Ten years ago, for what expires a year before it does."""
        item = self.listing.instruments[row]
        last_trade = None if isinstance(item, Share) else item.last_trade
        earliest = self.past().start
        if last_trade is None:
            return earliest
        return max(earliest, last_trade - timedelta(days=_LISTED_BEFORE_EXPIRATION))

    def past(self) -> SessionCalendar:
        """Ten years of sessions before the start, read when they are first needed."""
        return sessions(self.clock.start.date() - timedelta(days=_HISTORY_DAYS), self.calendar.end)
