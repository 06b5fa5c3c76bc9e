"""What a scan looks at."""

import math
from dataclasses import dataclass

from scanner_server.book.chain import Chain
from scanner_server.columns import Flags, Records, Rows
from scanner_server.figures.expectation import blank_forecast, fill_forecast
from scanner_server.figures.inputs import Inputs, Terms, expiry_records, with_share
from scanner_server.filters.spec import ScanSpec
from scanner_server.surface.smile import Smile
from scanner_server.surface.surface import Surface


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One underlying at an instant; nothing in it changes while it is looked at.

    Attributes:
        chain: the contracts.
        legs: records of dtype `LEG`: their values on `surface`, the share last; shape (n + 1,).
        surface: the snapshot that spot, time, forwards and smiles come from.
        market_time: unix seconds of market time; quote ages and days to expiration count from it.
        iv_rank: of the underlying, 0 to 1; NaN = absent.
        iv_percentile: of the underlying, 0 to 1; NaN = absent.
        realized_volatility: of the underlying's last thirty days, per year; NaN = absent.
    """

    chain: Chain
    legs: Records
    surface: Surface
    market_time: float
    iv_rank: float = math.nan
    iv_percentile: float = math.nan
    realized_volatility: float = math.nan

    @property
    def quoted(self) -> Flags:
        """Contracts that have had any update of their quote; shape (n,)."""
        quoted: Flags = self.legs["quote_time"][:-1] == self.legs["quote_time"][:-1]
        return quoted


def inputs_of(view: View, spec: ScanSpec, rows: Rows) -> Inputs:
    """What the figures of spreads of the contracts at `rows` (shape (k,)) are computed from."""
    surface, chain = view.surface, view.chain
    volatility = view.realized_volatility if spec.forecast_realized else spec.forecast_volatility
    expiries = expiry_records(chain, surface, view.market_time, volatility)
    expiry_of = with_share(chain.expiration)
    forecast = blank_forecast(len(chain))
    fill_forecast(forecast, view.legs, rows, expiry_of, expiries)
    return Inputs(
        legs=view.legs,
        forecast=forecast,
        expiries=expiries,
        expiry_of=expiry_of,
        smile=Smile(surface.knot_x, surface.knot_iv, surface.cubic),
        terms=Terms(
            view.market_time,
            surface.spot,
            chain.multiplier,
            spec.slippage,
            spec.commission_per_contract,
            view.iv_rank,
            view.iv_percentile,
        ),
    )
