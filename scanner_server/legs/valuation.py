"""Valuing each contract on a surface from its own live quote."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scanner_server.book.chain import Chain
from scanner_server.book.quotes import Quotes
from scanner_server.columns import Floats, Records, Rows, compiled
from scanner_server.legs.legs import blank_legs
from scanner_server.pricing.black import Carry, greeks
from scanner_server.pricing.implied import implied_volatility
from scanner_server.surface.surface import Surface

_FULL_OPEN_INTEREST = 1000.0
_FULL_VOLUME = 100.0
_WIDEST_RATIO = 0.10


class _Quoted(NamedTuple):
    """Live columns; shape (n,)."""

    bid: Floats
    ask: Floats
    open_interest: Floats
    volume: Floats
    quote_time: Floats


class _Market(NamedTuple):
    """The surface, one value per expiration but for spot and rate."""

    spot: float
    rate: float
    forward: Floats
    growth: Floats
    years: Floats


def legs_on(chain: Chain, quotes: Quotes, surface: Surface) -> Records:
    """Value every contract, and the share, on a surface; records of dtype `LEG`, shape (n + 1,)."""
    legs = blank_legs(chain)
    revalue(legs, np.arange(len(chain) + 1), chain, quotes, surface)
    return legs


def revalue(
    legs: Records, rows: npt.NDArray[np.integer], chain: Chain, quotes: Quotes, surface: Surface
) -> None:
    """Value the contracts at `rows` (shape (k,), n = the share) again, in place, after new quotes."""
    quoted = _Quoted(quotes.bid, quotes.ask, quotes.open_interest, quotes.volume, quotes.quote_time)
    market = _Market(surface.spot, surface.rate, surface.forward, surface.growth, surface.years)
    if len(rows) and rows.max() == len(chain):
        _value_share(legs[-1], quotes)
        rows = rows[rows < len(chain)]
    _value(legs, rows.astype(np.int32), chain.expiration, quoted, market)


def _value_share(share: Records, quotes: Quotes) -> None:
    """It has no volatility, moves with itself alone, and is as liquid as can be."""
    quote = quotes.underlying
    is_two_sided = quote.bid >= 0 and quote.ask > 0 and quote.ask >= quote.bid
    share["bid"], share["ask"] = quote.bid, quote.ask
    share["mid"] = (quote.bid + quote.ask) / 2 if is_two_sided else math.nan
    share["width"] = quote.ask - quote.bid
    share["width_ratio"] = share["width"] / share["mid"]
    share["delta"] = share["liquidity"] = 1.0
    share["gamma"] = share["vega"] = share["theta"] = share["rho"] = 0.0
    share["quote_time"] = quote.time


@compiled
def _value(legs: Records, rows: Rows, expiration: Rows, quoted: _Quoted, market: _Market) -> None:
    for row in rows:
        leg, of = legs[row], expiration[row]
        bid, ask = quoted.bid[row], quoted.ask[row]
        leg.bid, leg.ask, leg.quote_time = bid, ask, quoted.quote_time[row]
        leg.open_interest, leg.volume = quoted.open_interest[row], quoted.volume[row]
        leg.mid = (bid + ask) / 2 if bid >= 0 and ask > 0 and ask >= bid else math.nan
        leg.width = ask - bid
        leg.width_ratio = leg.width / leg.mid
        leg.liquidity = _liquidity(leg)
        forward, years = market.forward[of], market.years[of]
        leg.iv = implied_volatility(leg.mid * market.growth[of], forward, leg.strike, years, leg.sign)
        leg.delta = leg.gamma = leg.vega = leg.theta = leg.rho = math.nan
        if not math.isnan(leg.iv):
            carry = Carry(market.spot, forward, market.rate, years)
            values = greeks(carry, leg.strike, leg.iv, leg.sign)
            leg.delta, leg.gamma, leg.vega, leg.theta, leg.rho = values


@compiled
def _liquidity(leg: Records) -> float:
    """1/2 min(1, OI/1000) + 1/4 min(1, volume/100) + 1/4 max(0, 1 - width/10 %); missing counts 0."""
    depth = traded = 0.0
    if leg.open_interest > 0:
        depth = min(leg.open_interest / _FULL_OPEN_INTEREST, 1.0)
    if leg.volume > 0:
        traded = min(leg.volume / _FULL_VOLUME, 1.0)
    if math.isnan(leg.width_ratio):
        return math.nan
    tight = max(1 - float(leg.width_ratio) / _WIDEST_RATIO, 0.0)
    return 0.5 * depth + 0.25 * traded + 0.25 * tight
