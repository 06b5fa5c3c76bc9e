"""One scan over one chain."""

from scanner_server.book.chain import Chain
from scanner_server.book.quotes import Quotes
from scanner_server.filters.spec import ScanSpec
from scanner_server.legs.legs import Legs
from scanner_server.ranking.ranking import Ranking
from scanner_server.surface.surface import Surface


def scan(
    chain: Chain, quotes: Quotes, legs: Legs, surface: Surface, *, market_time: float, spec: ScanSpec
) -> Ranking:
    """Form, filter, score and rank the candidates of a spec.

    Args:
        chain: the contracts.
        quotes: their live quotes.
        legs: their values on `surface`, up to date with `quotes`.
        surface: the snapshot that spot, time, forwards and smiles come from.
        market_time: unix seconds of market time; quote ages and days to expiration count from it.
        spec: what is asked for.
    """
    raise NotImplementedError


def candidate_count(chain: Chain, market_time: float, spec: ScanSpec) -> int:
    """Upper bound of the candidates that `scan` forms, from the chain alone: quotes can only lower it."""
    raise NotImplementedError
