"""What the compiled figures read: one record per contract, one per expiration, and the smiles."""

from typing import NamedTuple

import numpy as np

from scanner_server.book.chain import Chain
from scanner_server.book.quotes import Quotes
from scanner_server.columns import Floats, Records, Rows
from scanner_server.legs.legs import Legs
from scanner_server.surface.clock import days_to_expiration
from scanner_server.surface.smile import Smile
from scanner_server.surface.surface import Surface

LEG = np.dtype(
    [
        (name, np.float64)
        for name in (
            "strike",
            "sign",  # 1 call, -1 put
            "bid",
            "ask",
            "mid",
            "iv",
            "delta",
            "gamma",
            "vega",
            "theta",
            "rho",
            "liquidity",
            "age",
            "value",  # E[payoff] under the forecast
            "share_tail",  # of E[S; S > strike] / F under the forecast, as `figures.expectation.tails`
            "tail",  # of P(S > strike) under the forecast, likewise
        )
    ]
)
EXPIRY = np.dtype(
    [
        ("forward", np.float64),
        ("growth", np.float64),
        ("root", np.float64),  # sqrt(T)
        ("atm_iv", np.float64),
        ("deviation", np.float64),  # at-the-money volatility x sqrt(T)
        ("forecast", np.float64),  # forecast volatility x sqrt(T)
        ("days", np.float64),
        ("calendar_days", np.float64),
        ("time_decay", np.float64),  # the score component that days alone decide
        ("first_knot", np.int64),
        ("end_knot", np.int64),
    ]
)


class Terms(NamedTuple):
    """What money figures depend on besides the market.

    Attributes:
        spot: USD per share.
        multiplier: shares per contract.
        slippage: 0 to 1.
        commission: USD per contract.
    """

    spot: float
    multiplier: float
    slippage: float
    commission: float


class Inputs(NamedTuple):
    """Everything that figures are computed from.

    Attributes:
        legs: records of dtype LEG; shape (n,).
        expiries: records of dtype EXPIRY; shape (m,).
        expiry_of: index into `expiries`; shape (n,).
        smile: of all expirations.
        terms: spot, multiplier and costs.
    """

    legs: Records
    expiries: Records
    expiry_of: Rows
    smile: Smile
    terms: Terms


def leg_records(chain: Chain, quotes: Quotes, legs: Legs, market_time: float) -> Records:
    """One record per contract; the forecast's fields are left to `forecast_legs`."""
    records = np.empty(len(chain), LEG)
    records["strike"] = chain.strike
    records["sign"] = np.where(chain.is_call, 1.0, -1.0)
    records["bid"] = quotes.bid
    records["ask"] = quotes.ask
    records["age"] = quote_age(quotes, market_time)
    for name in ("mid", "iv", "delta", "gamma", "vega", "theta", "rho", "liquidity"):
        records[name] = getattr(legs, name)
    return records


def quote_age(quotes: Quotes, market_time: float) -> Floats:
    """Seconds since any update of each quote; NaN = never quoted; shape (n,)."""
    return np.maximum(market_time - quotes.quote_time, 0)


def expiry_records(
    chain: Chain, surface: Surface, market_time: float, forecast_volatility: float | None
) -> Records:
    """One record per expiration."""
    records = np.empty(len(chain.expires_at), EXPIRY)
    root = np.sqrt(surface.years)
    volatility = surface.atm_iv if forecast_volatility is None else forecast_volatility
    records["forward"] = surface.forward
    records["growth"] = surface.growth
    records["root"] = root
    records["atm_iv"] = surface.atm_iv
    records["deviation"] = surface.atm_iv * root
    records["forecast"] = volatility * root
    records["days"] = surface.days
    records["calendar_days"] = days_to_expiration(chain.expires_at, market_time)
    records["time_decay"] = np.exp(-0.5 * (np.log(surface.days / 35) / 0.7) ** 2)
    records["first_knot"] = surface.knot_start[:-1]
    records["end_knot"] = surface.knot_start[1:]
    return records
