"""A book that stands still: what every ranking is computed from."""

from dataclasses import dataclass

import numpy as np

from scanner_server.book.quotes import Quotes
from scanner_server.columns import Flags, Ints, Records
from scanner_server.legs.valuation import legs_on, revalue
from scanner_server.ranking.view import View
from scanner_server.snapshot.listed_chain import ListedChain
from scanner_server.surface.surface import Surface, SurfaceSettings
from scanner_server.surface.take import take_surface


@dataclass(frozen=True, slots=True, eq=False)
class CopiedBook:
    """What a snapshot is made of: copies that nothing else writes to.

    Attributes:
        listed: the chain.
        quotes: copy of the live quotes.
        origin: `DataOrigin` number of each row; shape (n,).
        dirty: rows that changed since the copy before; shape (n,).
        market_time: of the copy, unix seconds.
        changes: of the book, when the copy was taken.
        trace_context: of a sampled batch among the changes; empty where there is none.
    """

    listed: ListedChain
    quotes: Quotes
    origin: Ints
    dirty: Flags
    market_time: float
    changes: int
    trace_context: bytes


@dataclass(frozen=True, slots=True, eq=False)
class BookSnapshot:
    """A copied book with its surface and the value of every contract on it. Never changes once made."""

    book: CopiedBook
    surface: Surface
    legs: Records
    settings: SurfaceSettings

    @property
    def view(self) -> View:
        """What scans look at."""
        return View(self.book.listed.chain, self.legs, self.surface, self.book.market_time)


def on_new_surface(book: CopiedBook, number: int, settings: SurfaceSettings) -> BookSnapshot:
    """Take a surface from the book and value every contract on it."""
    surface = take_surface(book.listed.chain, book.quotes, book.market_time, number, settings)
    return BookSnapshot(book, surface, legs_on(book.listed.chain, book.quotes, surface), settings)


def on_same_surface(before: BookSnapshot, book: CopiedBook) -> BookSnapshot:
    """Keep the surface and value again only the contracts whose quotes have changed."""
    legs = before.legs.copy()
    rows = np.append(np.flatnonzero(book.dirty), len(book.dirty)).astype(np.int32)
    revalue(legs, rows, book.listed.chain, book.quotes, before.surface)
    return BookSnapshot(book, before.surface, legs, before.settings)
