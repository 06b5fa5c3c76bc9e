"""The filters on single contracts: they run before any spread is formed."""

import math
from typing import NamedTuple

import numpy as np

from scanner_server.book.chain import Chain
from scanner_server.columns import Flags, Floats, Ints, Records, Rows, compiled
from scanner_server.filters.spec import ScanSpec
from scanner_server.strategies.registry import resolve
from scanner_server.surface.clock import days_to_expiration
from scanner_server.surface.surface import Surface

# What a contract is permitted to be, as bits: bought, sold, sold in a strategy that is sold for a credit.
LONG, SHORT, CREDIT_SHORT = 1, 2, 4
# A contract is turned away by the first of these; the last two leave it to be sold, or to be bought.
LEG_FILTERS: tuple[str, ...] = (
    "no_mid",
    "moneyness",
    "open_interest",
    "volume",
    "bid_ask_width",
    "quote_age",
    "liquidity",
    "long_delta",
    "short_delta",
)
_NOT_ASKED, _PASSED = -2, -1
_NO_MID, _MONEYNESS, _OPEN_INTEREST, _VOLUME, _WIDTH, _AGE, _LIQUIDITY = range(7)

Bounds = tuple[float, float]


class LegBounds(NamedTuple):
    """Lower and upper bounds, infinite where there is none.

    Of `quote_age` the upper and of `liquidity` the lower bound hold for a spread's worst leg, hence for each.
    """

    moneyness: Bounds
    open_interest: Bounds
    volume: Bounds
    bid_ask_width: Bounds
    bid_ask_fraction: Bounds
    oldest: float
    least_liquidity: float
    long_delta: Bounds
    short_delta: Bounds
    credit_short_delta: float


class Permits(NamedTuple):
    """What each contract, and at last the share, may be; shape (n + 1,).

    Attributes:
        permits: `LONG`, `SHORT` and `CREDIT_SHORT`, added up.
        turned_away_by: index into `LEG_FILTERS`, below 0 where none does.
    """

    permits: Ints
    turned_away_by: Ints


def bounds_of(spec: ScanSpec) -> LegBounds:
    """The bounds of a spec on single contracts."""
    return LegBounds(
        moneyness=spec.bounds("moneyness"),
        open_interest=spec.bounds("open_interest"),
        volume=spec.bounds("volume"),
        bid_ask_width=spec.bounds("bid_ask_width"),
        bid_ask_fraction=spec.bounds("bid_ask_fraction"),
        oldest=spec.bounds("quote_age")[1],
        least_liquidity=spec.bounds("liquidity")[0],
        long_delta=spec.bounds("long_delta"),
        short_delta=spec.bounds("short_delta"),
        credit_short_delta=spec.credit_short_delta,
    )


def asked_contracts(chain: Chain, market_time: float, spec: ScanSpec) -> Flags:
    """Unexpired standard contracts of the rights, expirations, days and strikes of a spec; shape (n,)."""
    days = days_to_expiration(chain.expires_at, market_time)
    wanted = _all_inside(days.astype(np.float64), spec.bounds("days_to_expiration"))
    wanted &= chain.expires_at > market_time
    if spec.expirations:
        wanted &= np.isin(chain.expirations, spec.expirations)
    kinds = {leg.kind for strategy in resolve(spec.strategies) for leg in strategy.legs}
    of_right = np.where(chain.is_call, "C" in kinds, "P" in kinds)
    strikes = _all_inside(chain.strike, spec.bounds("strike"))
    return chain.standard & wanted[chain.expiration] & of_right & strikes


def _all_inside(values: Floats, bounds: Bounds) -> Flags:
    return (values >= bounds[0]) & (values <= bounds[1])


def nothing_permitted(asked: Flags) -> Permits:
    """Before any contract of those asked for (shape (n,)) has been looked at."""
    n = len(asked)
    turned_away_by = np.where(np.append(asked, np.True_), _PASSED, _NOT_ASKED).astype(np.int64)
    return Permits(np.zeros(n + 1, np.int64), turned_away_by)


def permit(
    state: Permits,
    rows: Rows,
    chain: Chain,
    legs: Records,
    surface: Surface,
    *,
    market_time: float,
    bounds: LegBounds,
) -> None:
    """Look at the contracts at `rows` (shape (k,)) again, in place."""
    _permit(state, rows, legs, chain.expiration, surface.forward, market_time, bounds)


def leg_counts(state: Permits) -> dict[str, int]:
    """Contracts turned away by each of `LEG_FILTERS`; the share is none."""
    permits, by = state.permits[:-1], state.turned_away_by[:-1]
    counts = {name: int(np.count_nonzero(by == index)) for index, name in enumerate(LEG_FILTERS)}
    passed = permits[by == _PASSED]
    counts["long_delta"] = int(np.count_nonzero(~passed & LONG))
    counts["short_delta"] = int(np.count_nonzero(~passed & CREDIT_SHORT))
    return counts


@compiled
def _permit(
    state: Permits,
    rows: Rows,
    legs: Records,
    expiration: Rows,
    forward: Floats,
    market_time: float,
    bounds: LegBounds,
) -> None:
    share = len(legs) - 1
    for row in rows:
        if state.turned_away_by[row] == _NOT_ASKED:
            continue
        leg = legs[row]
        age = max(market_time - leg.quote_time, 0.0) if not math.isnan(leg.quote_time) else math.nan
        if row == share:
            failure = _share_failure(leg, age, bounds)
        else:
            failure = _failure(leg, leg.strike / forward[expiration[row]], age, bounds)
        state.turned_away_by[row] = failure
        state.permits[row] = _allowed(leg, bounds) if failure == _PASSED else 0


@compiled
def _share_failure(leg: Records, age: float, bounds: LegBounds) -> int:
    if math.isnan(leg.mid):
        return _NO_MID
    return _PASSED if _inside(age, (-math.inf, bounds.oldest)) else _AGE


@compiled
def _failure(leg: Records, moneyness: float, age: float, bounds: LegBounds) -> int:
    if math.isnan(leg.mid):
        return _NO_MID
    if not _inside(moneyness, bounds.moneyness):
        return _MONEYNESS
    if not _inside(leg.open_interest, bounds.open_interest):
        return _OPEN_INTEREST
    if not _inside(leg.volume, bounds.volume):
        return _VOLUME
    if not _is_narrow(leg, bounds):
        return _WIDTH
    if not _inside(age, (-math.inf, bounds.oldest)):
        return _AGE
    return _PASSED if _inside(leg.liquidity, (bounds.least_liquidity, math.inf)) else _LIQUIDITY


@compiled
def _allowed(leg: Records, bounds: LegBounds) -> int:
    delta = abs(leg.delta)
    if leg.strike == 0:
        return LONG | SHORT | CREDIT_SHORT
    allowed = LONG if _inside(delta, bounds.long_delta) else 0
    if _inside(delta, bounds.short_delta):
        allowed |= SHORT
        if _inside(delta, (-math.inf, bounds.credit_short_delta)):
            allowed |= CREDIT_SHORT
    return allowed


@compiled
def _is_narrow(leg: Records, bounds: LegBounds) -> bool:
    """Whether the bid-ask width holds its bound in USD or as a part of the mid: either is enough."""
    if _is_open(bounds.bid_ask_width):
        return _inside(leg.width_ratio, bounds.bid_ask_fraction)
    if _is_open(bounds.bid_ask_fraction):
        return _inside(leg.width, bounds.bid_ask_width)
    return _inside(leg.width, bounds.bid_ask_width) or _inside(leg.width_ratio, bounds.bid_ask_fraction)


@compiled
def _is_open(bounds: Bounds) -> bool:
    return bounds[0] == -math.inf and bounds[1] == math.inf


@compiled
def _inside(value: float, bounds: Bounds) -> bool:
    """Whether a value lies within bounds; a missing value only where there is no bound."""
    return bounds[0] <= value <= bounds[1] or _is_open(bounds)
