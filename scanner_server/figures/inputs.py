"""What the compiled figures read: one record per contract, one per expiration, and the smiles."""

from typing import NamedTuple

import numpy as np

from scanner_server.book.chain import Chain
from scanner_server.columns import Floats, Records, Rows, compiled
from scanner_server.surface.clock import days_to_expiration
from scanner_server.surface.smile import Smile
from scanner_server.surface.surface import Surface

FORECAST = np.dtype(
    [
        ("value", np.float64),  # E[payoff]
        ("share_tail", np.float64),  # of E[S; S > strike] / F, as `figures.expectation.tails`
        ("tail", np.float64),  # of P(S > strike), likewise
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
    """What figures depend on besides legs and expirations.

    Attributes:
        market_time: unix seconds of market time; quote ages count from it.
        spot: USD per share.
        multiplier: shares per contract.
        slippage: 0 to 1.
        commission: USD per contract.
        iv_rank: of the underlying, 0 to 1; NaN = absent.
        iv_percentile: of the underlying, 0 to 1; NaN = absent.
    """

    market_time: float
    spot: float
    multiplier: float
    slippage: float
    commission: float
    iv_rank: float
    iv_percentile: float


class Inputs(NamedTuple):
    """Everything that figures are computed from.

    Attributes:
        legs: records of dtype LEG, the share last; shape (n + 1,).
        forecast: records of dtype FORECAST, under the forecast volatility; shape (n + 1,).
        expiries: records of dtype EXPIRY; shape (m,).
        expiry_of: index into `expiries`, the share's is 0; shape (n + 1,).
        smile: of all expirations.
        terms: time, spot, multiplier and costs.
    """

    legs: Records
    forecast: Records
    expiries: Records
    expiry_of: Rows
    smile: Smile
    terms: Terms


@compiled
def near_expiry(inputs: Inputs, rows: Rows) -> Records:
    """Record of the nearest expiration among legs that stand share first, then by expiration."""
    first = rows[1] if inputs.legs[rows[0]].strike == 0 else rows[0]
    return inputs.expiries[inputs.expiry_of[first]]


def with_share(expiration: Rows) -> Rows:
    """Expiration indices of the contracts, and 0 for the share; shape (n + 1,)."""
    return np.append(expiration, np.int32(0))


def expiry_records(
    chain: Chain, surface: Surface, market_time: float, forecast_volatility: float | None
) -> Records:
    """One record per expiration; `forecast_volatility` is per year, None = at the money, NaN = absent."""
    records = np.empty(len(chain.expires_at), EXPIRY)
    root = np.sqrt(surface.years)
    volatility: Floats | float = surface.atm_iv if forecast_volatility is None else forecast_volatility
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
