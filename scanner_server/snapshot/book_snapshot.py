"""A book that stands still: what every ranking is computed from."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from scanner_server.book.quotes import Quotes
from scanner_server.columns import Floats, Ints, Records, Rows
from scanner_server.legs.valuation import legs_on, revalue
from scanner_server.ranking.view import View
from scanner_server.snapshot.listed_chain import ListedChain
from scanner_server.surface.surface import Surface, SurfaceSettings
from scanner_server.surface.take import take_surface
from scanner_server.volatility.kind import VolatilityKind
from scanner_server.volatility.standing import Standing, realized_volatility, standing


@dataclass(frozen=True, slots=True, eq=False)
class CopiedBook:
    """What a snapshot is made of: copies that nothing else writes to.

    Attributes:
        listed: the chain.
        quotes: copy of the live quotes.
        origin: `DataOrigin` number of each row; shape (n,).
        changed_at: the change of the book at which each row last did, the share's at last; shape (n + 1,).
        market_time: of the copy, unix seconds.
        changes: of the book, when the copy was taken.
        trace_context: of a sampled batch among the changes; empty where there is none.
        latest_trace: of the latest sampled batch that the quotes are of; empty where there is none.
    """

    listed: ListedChain
    quotes: Quotes
    origin: Ints
    changed_at: Ints
    market_time: float
    changes: int
    trace_context: bytes
    latest_trace: bytes

    def changed_since(self, before: Self) -> Rows:
        """Rows that have changed since an earlier copy of the same chain, n for the share."""
        return np.flatnonzero(self.changed_at > before.changes).astype(np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class BookSnapshot:
    """A copied book with its surface and the value of every contract on it. Never changes once made.

    `standing` is where the surface's volatility stands within the year before, `realized_volatility` that of
    the last thirty days; None while that isn't known.
    """

    book: CopiedBook
    surface: Surface
    legs: Records
    settings: SurfaceSettings
    standing: Standing | None
    realized_volatility: float | None

    def tells(self, kind: VolatilityKind) -> bool:
        """Whether what the past of a kind gives is known, be it that there is none."""
        of = {VolatilityKind.IMPLIED: self.standing, VolatilityKind.REALIZED: self.realized_volatility}
        return of[kind] is not None

    @property
    def version(self) -> tuple[int, int]:
        """Of two snapshots of one book the later has the larger."""
        return self.surface.number, self.book.changes

    @property
    def view(self) -> View:
        """What scans look at."""
        return View(
            self.book.listed.chain,
            self.legs,
            self.surface,
            self.book.market_time,
            *(self.standing or Standing()),
            math.nan if self.realized_volatility is None else self.realized_volatility,
        )


def on_new_surface(
    book: CopiedBook,
    number: int,
    settings: SurfaceSettings,
    implied: Floats | None = None,
    realized: Floats | None = None,
) -> BookSnapshot:
    """Take a surface from the book and value every contract on it.

    Args:
        book: the quotes.
        number: of the surface.
        settings: what the market does not tell.
        implied: volatilities of the days before today, as `standing` takes them; None: not known yet.
        realized: likewise, as `realized_volatility` takes them.
    """
    surface = take_surface(book.listed.chain, book.quotes, book.market_time, number, settings)
    legs = legs_on(book.listed.chain, book.quotes, surface)
    return BookSnapshot(
        book,
        surface,
        legs,
        settings,
        None if implied is None else standing(surface, implied),
        None if realized is None else realized_volatility(realized),
    )


def on_same_surface(before: BookSnapshot, book: CopiedBook) -> BookSnapshot:
    """Keep the surface and value again only the contracts whose quotes have changed since."""
    legs = before.legs.copy()
    revalue(legs, book.changed_since(before.book), book.listed.chain, book.quotes, before.surface)
    return dataclasses.replace(before, book=book, legs=legs)
