"""Valuing each contract on a surface from its own live quote."""

import math

import numpy as np
import numpy.typing as npt

from scanner_server.book.chain import Chain
from scanner_server.book.quotes import Quotes
from scanner_server.columns import Flags, Floats, compiled
from scanner_server.legs.legs import Legs
from scanner_server.pricing.black import greeks
from scanner_server.pricing.implied import implied_volatility
from scanner_server.surface.surface import Surface

_FULL_OPEN_INTEREST = 1000.0
_FULL_VOLUME = 100.0
_WIDEST_RATIO = 0.10


def legs_on(chain: Chain, quotes: Quotes, surface: Surface) -> Legs:
    """Value every contract on a surface."""
    legs = Legs(*(np.full(len(chain), np.nan) for _ in range(len(Legs.__slots__))))
    revalue(legs, np.arange(len(chain)), chain, quotes, surface)
    return legs


def revalue(
    legs: Legs, rows: npt.NDArray[np.integer], chain: Chain, quotes: Quotes, surface: Surface
) -> None:
    """Value the contracts at `rows` again, in place, after their quotes changed; rows of shape (k,)."""
    mid = quotes.mid(rows)
    width = quotes.ask[rows] - quotes.bid[rows]
    legs.mid[rows] = mid
    legs.width[rows] = width
    legs.width_ratio[rows] = width / mid
    legs.liquidity[rows] = _liquidity(quotes.open_interest[rows], quotes.volume[rows], width / mid)
    of = chain.expiration[rows]
    values = _fill_iv_and_greeks(
        mid * surface.growth[of],
        chain.strike[rows],
        chain.is_call[rows],
        surface.forward[of],
        surface.years[of],
        surface.spot,
        surface.rate,
        np.full((6, len(rows)), np.nan),
    )
    columns = (legs.iv, legs.delta, legs.gamma, legs.vega, legs.theta, legs.rho)
    for column, value in zip(columns, values, strict=True):
        column[rows] = value


def _liquidity(open_interest: Floats, volume: Floats, width_ratio: Floats) -> Floats:
    """1/2 min(1, OI/1000) + 1/4 min(1, volume/100) + 1/4 max(0, 1 - width/10 %); missing counts 0."""
    depth = np.minimum(1, np.nan_to_num(open_interest) / _FULL_OPEN_INTEREST)
    traded = np.minimum(1, np.nan_to_num(volume) / _FULL_VOLUME)
    tight = np.maximum(0, 1 - width_ratio / _WIDEST_RATIO)
    return 0.5 * depth + 0.25 * traded + 0.25 * tight


@compiled
def _fill_iv_and_greeks(
    price: Floats,
    strike: Floats,
    is_call: Flags,
    forward: Floats,
    years: Floats,
    spot: float,
    rate: float,
    values: Floats,
) -> Floats:
    """Rows iv, delta, gamma, vega, theta, rho of undiscounted prices of shape (k,), into shape (6, k)."""
    for i in range(len(price)):
        sign = 1.0 if is_call[i] else -1.0
        iv = implied_volatility(price[i], forward[i], strike[i], years[i], sign)
        if not math.isnan(iv):
            delta, gamma, vega, theta, rho = greeks(spot, forward[i], strike[i], rate, years[i], iv, sign)
            values[0, i], values[1, i], values[2, i] = iv, delta, gamma
            values[3, i], values[4, i], values[5, i] = vega, theta, rho
    return values
