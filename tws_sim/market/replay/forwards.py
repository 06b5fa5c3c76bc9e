"""Forwards implied by put-call parity, and model figures from mids."""

from datetime import datetime

import numpy as np

from tws_sim.market import black
from tws_sim.market.instrument import Option
from tws_sim.market.quote import Model
from tws_sim.market.replay.lean import Floats, Ints

RATE = 0.0035  # the federal funds rate of December 2015, about
_STRIKES_USED = 5
_YEAR_SECONDS = 365.0 * 86400


class ModelColumns:
    """The fixed columns of the options' model; row 0 is the share, options follow."""

    def __init__(self, options: list[Option], closes: dict[object, datetime]) -> None:
        self.strike = np.array([np.nan] + [item.strike for item in options])
        self.sign = np.array([np.nan] + [1.0 if item.right == "C" else -1.0 for item in options])
        expirations = sorted({item.last_trade for item in options})
        number = {day: index for index, day in enumerate(expirations)}
        self.expiration = np.array([-1] + [number[item.last_trade] for item in options], dtype=np.int64)
        self._closes = np.array([closes[day].timestamp() for day in expirations])
        self._pairs = [_pairs(options, day) for day in expirations]

    def years(self, expiration: Ints, now: datetime) -> Floats:
        """Years to these expirations' closes, 0 once they have passed."""
        return np.maximum(self._closes[expiration] - now.timestamp(), 0.0) / _YEAR_SECONDS

    def forward(self, expiration: int, mids: Floats, spot: float, years: float) -> float:
        """Median of K + e^rT (C - P) over the strikes next to the spot; the carried spot without pairs."""
        calls, puts = self._pairs[expiration]
        quoted = np.isfinite(mids[calls]) & np.isfinite(mids[puts])
        calls, puts = calls[quoted], puts[quoted]
        growth = float(np.exp(RATE * years))
        if not calls.size:
            return spot * growth
        nearest = np.argsort(np.abs(self.strike[calls] - spot), kind="stable")[:_STRIKES_USED]
        difference = mids[calls[nearest]] - mids[puts[nearest]]
        return float(np.median(self.strike[calls[nearest]] + growth * difference))


def models(columns: ModelColumns, rows: Ints, mids: Floats, spot: float, now: datetime) -> list[Model | None]:
    """Model figures of option rows from their mids; None without a mid or a volatility that explains it."""
    expiration = columns.expiration[rows]
    years = columns.years(expiration, now)
    forwards = {
        number: columns.forward(number, mids, spot, float(columns.years(np.array([number]), now)[0]))
        for number in np.unique(expiration).tolist()
    }
    forward = np.array([forwards[number] for number in expiration.tolist()])
    terms = black.Terms(forward, columns.strike[rows], years, columns.sign[rows], RATE)
    target = np.where(np.isfinite(mids[rows]), mids[rows], -1.0)
    volatility = black.implied_volatility(terms, target)
    found = black.figures(terms, spot, np.where(np.isfinite(volatility), volatility, 0.0))
    dividends = np.maximum(spot - forward * np.exp(-RATE * years), 0.0)
    table = np.column_stack(
        [
            volatility,
            found.delta,
            found.price,
            dividends,
            found.gamma,
            found.vega,
            found.theta,
            np.full_like(years, spot),
        ]
    )
    return [
        Model(*line) if is_known else None
        for line, is_known in zip(table.tolist(), np.isfinite(volatility).tolist(), strict=True)
    ]


def _pairs(options: list[Option], last_trade: object) -> tuple[Ints, Ints]:
    """Rows of the calls and of the puts of an expiration, paired by strike."""
    sides: dict[str, dict[float, int]] = {"C": {}, "P": {}}
    for row, item in enumerate(options, start=1):
        if item.last_trade == last_trade:
            sides[item.right][item.strike] = row
    both = sorted(sides["C"].keys() & sides["P"].keys())
    calls = np.array([sides["C"][strike] for strike in both], dtype=np.int64)
    return calls, np.array([sides["P"][strike] for strike in both], dtype=np.int64)
