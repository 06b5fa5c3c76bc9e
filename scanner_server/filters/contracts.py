"""The filters on single contracts: they run before any pair is formed."""

from dataclasses import dataclass

import numpy as np

from scanner_server.book.chain import Chain
from scanner_server.book.quotes import Quotes
from scanner_server.columns import Flags, Floats
from scanner_server.figures.inputs import quote_age
from scanner_server.filters.spec import ScanSpec
from scanner_server.legs.legs import Legs
from scanner_server.strategies.registry import resolve
from scanner_server.surface.clock import days_to_expiration
from scanner_server.surface.surface import Surface


@dataclass(frozen=True, slots=True, eq=False)
class Eligible:
    """Contracts that may be legs; masks of shape (n,).

    Attributes:
        longs: may be bought.
        shorts: may be sold.
        credit_shorts: may be sold in a strategy that is sold for a credit.
        turned_away: contracts asked for, by the first filter that turns them away, in its order.
    """

    longs: Flags
    shorts: Flags
    credit_shorts: Flags
    turned_away: dict[str, int]


def asked_contracts(chain: Chain, market_time: float, spec: ScanSpec) -> Flags:
    """Unexpired standard contracts of the rights, expirations, days and strikes of a spec; shape (n,)."""
    days = days_to_expiration(chain.expires_at, market_time)
    wanted = _inside(days.astype(np.float64), spec.bounds("days_to_expiration"))
    wanted &= chain.expires_at > market_time
    if spec.expirations:
        wanted &= np.isin(chain.expirations, spec.expirations)
    rights = {right for strategy in resolve(spec.strategies) for right in strategy.rights}
    of_right = np.where(chain.is_call, "C" in rights, "P" in rights)
    strikes = _inside(chain.strike, spec.bounds("strike"))
    return chain.standard & wanted[chain.expiration] & of_right & strikes


def eligible_contracts(
    asked: Flags,
    chain: Chain,
    quotes: Quotes,
    legs: Legs,
    surface: Surface,
    *,
    market_time: float,
    spec: ScanSpec,
) -> Eligible:
    """Turn away contracts by mid, moneyness, open interest, volume, bid-ask width, age and liquidity.

    What is left may be bought within `long_delta`, and sold within `short_delta`. Of
    `quote_age` the upper and of `liquidity` the lower bound hold for the worst leg, hence for each.
    """
    left = asked.copy()
    turned_away: dict[str, int] = {}

    def keep(name: str, of: Flags, passes: Flags) -> Flags:
        turned_away[name] = int(np.count_nonzero(of & ~passes))
        return of & passes

    left = keep("no_mid", left, ~np.isnan(legs.mid))
    moneyness = chain.strike / surface.forward[chain.expiration]
    left = keep("moneyness", left, _inside(moneyness, spec.bounds("moneyness")))
    left = keep("open_interest", left, _inside(quotes.open_interest, spec.bounds("open_interest")))
    left = keep("volume", left, _inside(quotes.volume, spec.bounds("volume")))
    left = keep("bid_ask_width", left, _narrow(legs, spec))
    oldest = spec.bounds("quote_age")[1]
    left = keep("quote_age", left, _inside(quote_age(quotes, market_time), (-np.inf, oldest)))
    least = spec.bounds("liquidity")[0]
    left = keep("liquidity", left, _inside(legs.liquidity, (least, np.inf)))
    size = np.abs(legs.delta)
    longs = keep("long_delta", left, _inside(size, spec.bounds("long_delta")))
    shorts = keep("short_delta", left, _inside(size, spec.bounds("short_delta")))
    credit_shorts = shorts & _inside(size, (-np.inf, spec.credit_short_delta))
    turned_away["short_delta"] += int(np.count_nonzero(shorts & ~credit_shorts))
    return Eligible(longs, shorts, credit_shorts, turned_away)


def _narrow(legs: Legs, spec: ScanSpec) -> Flags:
    """Whether the bid-ask width holds its bound in USD or as a part of the mid: either is enough."""
    absolute, relative = spec.bounds("bid_ask_width"), spec.bounds("bid_ask_fraction")
    unbounded = (-np.inf, np.inf)
    if absolute == unbounded:
        return _inside(legs.width_ratio, relative)
    if relative == unbounded:
        return _inside(legs.width, absolute)
    return _inside(legs.width, absolute) | _inside(legs.width_ratio, relative)


def _inside(values: Floats, bounds: tuple[float, float]) -> Flags:
    """Whether values lie within bounds; a missing value only where there is no bound."""
    lower, upper = bounds
    if lower == -np.inf and upper == np.inf:
        return np.ones(len(values), np.bool_)
    return (values >= lower) & (values <= upper)
