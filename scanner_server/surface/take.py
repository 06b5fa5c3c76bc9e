"""Taking a surface from live quotes."""

from scanner_server.book.chain import Chain
from scanner_server.book.quotes import Quotes
from scanner_server.surface.surface import Surface, SurfaceSettings


def take_surface(
    chain: Chain, quotes: Quotes, market_time: float, number: int, settings: SurfaceSettings
) -> Surface:
    """Snapshot spot, forwards and smiles.

    Args:
        chain: the contracts.
        quotes: their live quotes and the underlying's.
        market_time: unix seconds of market time.
        number: the number that rankings name it by.
        settings: rate and dividend yield.
    """
    raise NotImplementedError
