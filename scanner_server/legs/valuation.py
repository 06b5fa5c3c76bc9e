"""Valuing each contract on a surface from its own live quote."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scanner_server.book.chain import Chain
from scanner_server.book.quotes import Quotes
from scanner_server.columns import Floats, compiled
from scanner_server.legs.legs import Legs
from scanner_server.pricing.black import Carry, greeks
from scanner_server.pricing.implied import implied_volatilities
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
    iv = implied_volatilities(
        mid * surface.growth[of],
        surface.forward[of],
        chain.strike[rows],
        surface.years[of],
        chain.is_call[rows],
    )
    legs.iv[rows] = iv
    values = np.full((5, len(rows)), np.nan)
    contracts = _Contracts(
        chain.strike[rows], np.where(chain.is_call[rows], 1.0, -1.0), surface.forward[of], surface.years[of]
    )
    _fill_greeks(contracts, iv, surface.spot, surface.rate, values)
    legs.delta[rows], legs.gamma[rows], legs.vega[rows], legs.theta[rows], legs.rho[rows] = values


def _liquidity(open_interest: Floats, volume: Floats, width_ratio: Floats) -> Floats:
    """1/2 min(1, OI/1000) + 1/4 min(1, volume/100) + 1/4 max(0, 1 - width/10 %); missing counts 0."""
    depth = np.minimum(1, np.nan_to_num(open_interest) / _FULL_OPEN_INTEREST)
    traded = np.minimum(1, np.nan_to_num(volume) / _FULL_VOLUME)
    tight = np.maximum(0, 1 - width_ratio / _WIDEST_RATIO)
    return 0.5 * depth + 0.25 * traded + 0.25 * tight


class _Contracts(NamedTuple):
    """Columns of shape (k,); sign is 1 for a call, -1 for a put."""

    strike: Floats
    sign: Floats
    forward: Floats
    years: Floats


@compiled
def _fill_greeks(contracts: _Contracts, iv: Floats, spot: float, rate: float, values: Floats) -> None:
    """Delta, gamma, vega, theta and rho into shape (5, k); left as they are where iv is NaN."""
    for i in range(len(iv)):
        if not math.isnan(iv[i]):
            carry = Carry(spot, contracts.forward[i], rate, contracts.years[i])
            delta, gamma, vega, theta, rho = greeks(carry, contracts.strike[i], iv[i], contracts.sign[i])
            values[0, i], values[1, i], values[2, i] = delta, gamma, vega
            values[3, i], values[4, i] = theta, rho
