"""Valuing each contract on a surface from its own live quote."""

from scanner_server.book.chain import Chain
from scanner_server.book.quotes import Quotes
from scanner_server.columns import Rows
from scanner_server.legs.legs import Legs
from scanner_server.surface.surface import Surface


def legs_on(chain: Chain, quotes: Quotes, surface: Surface) -> Legs:
    """Value every contract."""
    raise NotImplementedError


def revalue(legs: Legs, rows: Rows, chain: Chain, quotes: Quotes, surface: Surface) -> None:
    """Value the contracts at `rows` again, in place, after their quotes changed."""
    raise NotImplementedError
