"""Taking a surface from live quotes."""

from itertools import pairwise

import numpy as np

from scanner_server.book.chain import Chain
from scanner_server.book.quotes import Quotes
from scanner_server.columns import Floats, Ints
from scanner_server.pricing.implied import implied_volatilities
from scanner_server.surface.clock import days_to_expiration, years_to
from scanner_server.surface.forward import parity_forward
from scanner_server.surface.smile import Smile, cubic_of, smile_iv, smile_points
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
    spot = quotes.underlying.spot
    years = years_to(chain.expires_at, market_time)
    growth = np.exp(settings.rate * years)
    rows = [np.flatnonzero(chain.standard & (chain.expiration == e)) for e in range(len(years))]
    parity = np.array([_parity(chain, quotes, of, spot, growth[e]) for e, of in enumerate(rows)])
    carried = spot * np.exp((settings.rate - settings.dividend_yield) * years)
    forward = np.where(parity > 0, parity, carried)
    smiles = _smiles(chain, quotes, rows, forward=forward, growth=growth, years=years)
    start = np.cumsum([0, *(len(x) for x, _ in smiles)])
    knot_x = np.concatenate([np.empty(0), *(x for x, _ in smiles)])
    knot_iv = np.concatenate([np.empty(0), *(iv for _, iv in smiles)])
    cubic = np.concatenate([np.empty((0, 4)), *(cubic_of(x, iv) for x, iv in smiles)])
    smile = Smile(knot_x, knot_iv, cubic)
    return Surface(
        number=number,
        market_time=market_time,
        spot=spot,
        rate=settings.rate,
        years=years,
        days=np.maximum(365 * years, 1),
        days_to_expiration=days_to_expiration(chain.expires_at, market_time),
        forward=forward,
        growth=growth,
        atm_iv=np.array([smile_iv(0.0, smile, a, b) for a, b in pairwise(start)]),
        knot_start=start,
        knot_x=knot_x,
        knot_iv=knot_iv,
        cubic=cubic,
    )


def _parity(chain: Chain, quotes: Quotes, rows: Ints, spot: float, growth: float) -> float:
    """Forward of one expiration from its call and put pairs; NaN where they are too few."""
    mid = quotes.mid(rows)
    priced = rows[~np.isnan(mid) & (quotes.bid[rows] > 0)]
    calls, puts = priced[chain.is_call[priced]], priced[~chain.is_call[priced]]
    strike, c, p = np.intersect1d(
        chain.strike[calls], chain.strike[puts], assume_unique=True, return_indices=True
    )
    return parity_forward(strike, quotes.mid(calls[c]), quotes.mid(puts[p]), spot, growth)


def _smiles(
    chain: Chain, quotes: Quotes, rows: list[Ints], *, forward: Floats, growth: Floats, years: Floats
) -> list[tuple[Floats, Floats]]:
    """Knots and volatilities of every expiration."""
    of = chain.expiration
    price = quotes.mid() * growth[of]
    iv = implied_volatilities(price, forward[of], chain.strike, years[of], chain.is_call)
    return [
        smile_points(chain.strike[r], chain.is_call[r], iv[r], quotes.bid[r], forward[e])
        for e, r in enumerate(rows)
    ]
