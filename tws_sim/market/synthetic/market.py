"""The synthetic market: one process per underlying, quotes around the model's prices."""

import zlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import numpy as np

from tws_sim.clock import Clock, MarketClock
from tws_sim.market.calendar import NEW_YORK, sessions
from tws_sim.market.instrument import Option, Share
from tws_sim.market.listing import Listing
from tws_sim.market.quote import Quote
from tws_sim.market.synthetic import universe
from tws_sim.market.synthetic.book import Book, OptionColumns
from tws_sim.market.synthetic.process import STEP_SECONDS, Process

# After a pause (a suspended machine, say) the path goes on from where it was instead of catching up.
_MOST_STEPS_AT_ONCE = 1200


class SyntheticMarket:
    """Seeded underlyings and their options: a :class:`tws_sim.market.market.Market`."""

    def __init__(
        self,
        symbols: Sequence[str],
        seed: int,
        clock: Clock,
        start: datetime,
        *,
        ticks_per_second: float | None = 500.0,
        liveliness: float = 1.0,
    ) -> None:
        start = start.astimezone(NEW_YORK)
        day = start.date()
        self.clock = MarketClock(clock, start)
        self.ticks_per_second = ticks_per_second
        self.calendar = sessions(day - timedelta(days=14), day + timedelta(days=universe.LISTED_DAYS))
        self.listing = Listing(universe.instruments(list(dict.fromkeys(symbols)), self.calendar, start))
        self._steps = 0
        self._books = [self._book(item, row, seed, liveliness) for row, item in self._share_rows()]
        self._book_of = np.zeros(len(self.listing.instruments), dtype=np.int64)
        for number, book in enumerate(self._books):
            self._book_of[book.first_row : book.first_row + 1 + book.options.size] = number

    def _share_rows(self) -> list[tuple[int, Share]]:
        return [(row, item) for row, item in enumerate(self.listing.instruments) if isinstance(item, Share)]

    def _book(self, item: Share, row: int, seed: int, liveliness: float) -> Book:
        profile = universe.profile(item.symbol)
        chain: list[Option] = self.listing.chains[item.symbol]
        own_seed = (seed << 32) ^ zlib.crc32(item.symbol.encode())
        columns = OptionColumns(chain, [self.calendar.close(one.last_trade) for one in chain])
        return Book(row, columns, Process(profile, own_seed, liveliness), own_seed, self.clock.start)

    def advance(self, watched: Collection[int]) -> Sequence[int]:
        """Step every process to the clock's instant; the watched shares that stepped are due."""
        target = int(self.clock.elapsed() / STEP_SECONDS)
        steps = min(target - self._steps, _MOST_STEPS_AT_ONCE)
        self._steps = target
        if steps <= 0:
            return []
        for book in self._books:
            book.advance(steps)
        return [book.first_row for book in self._books if book.first_row in watched]

    def quotes(self, rows: Sequence[int]) -> list[Quote]:
        """The current state of these rows; sizes are drawn anew at every call."""
        now = self.clock.now()
        found: dict[int, Quote] = {}
        wanted = np.asarray(rows, dtype=np.int64)
        owners = self._book_of[wanted]
        for number in np.unique(owners):
            found.update(self._books[number].quotes(wanted[owners == number], now))
        return [found[row] for row in rows]
