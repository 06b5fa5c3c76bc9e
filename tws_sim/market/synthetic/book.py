"""Quotes of one underlying and its options around the model's prices."""

import math
from datetime import datetime
from itertools import repeat

import numpy as np
import numpy.typing as npt

from tws_sim.market import black
from tws_sim.market.instrument import Option
from tws_sim.market.market import Side
from tws_sim.market.quote import Model, Quote, ShareFigures, Trade
from tws_sim.market.synthetic.process import Process
from tws_sim.market.synthetic.sides import TICK, quoted, sides
from tws_sim.market.track import RevertingTrack, Track, noise, realized_volatility

RATE = 0.04
VOLATILITY_SPREAD = 0.2
"""Standard deviation of the logarithm of the past's 30-day volatility."""
_SHARE_LOTS_PER_STEP = 0.6
_TRADE_SHARE = 0.02  # of an option's updates that come with a trade
_YEAR_SECONDS = 365.0 * 86400
_SESSION_SECONDS = 6.5 * 3600

Array = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


class OptionColumns:
    """The fixed columns of a chain."""

    def __init__(self, chain: list[Option], closes: list[datetime]) -> None:
        self.size = len(chain)
        self.strike = np.array([item.strike for item in chain])
        self.sign = np.array([1.0 if item.right == "C" else -1.0 for item in chain])
        self.closes = np.array([close.timestamp() for close in closes])

    def years(self, which: Rows, now: datetime) -> Array:
        """Years to expiration, 0 once it has passed."""
        return np.maximum(self.closes[which] - now.timestamp(), 0.0) / _YEAR_SECONDS


class Book:
    """Rows ``first_row`` (the share) and the options after it."""

    def __init__(
        self,
        first_row: int,
        options: OptionColumns,
        process: Process,
        seed: int,
        opened: datetime,
        previous_close: datetime,
    ) -> None:
        self.first_row = first_row
        self.options = options
        self._profile = profile = process.profile
        self._process = process
        self._sizes = np.random.default_rng(seed ^ 0x5EED)
        opening = np.random.default_rng(seed ^ 0x0DE5)
        self._seed = seed
        start = opened.timestamp()
        self._track = Track(profile.spot, profile.volatility, seed, start)
        self._volatility = RevertingTrack(self._thirty_days(), VOLATILITY_SPREAD, seed ^ 0x1F0F, start)
        self._historical = float(realized_volatility(self._track.at, np.array([start]))[0])
        self._close = round(float(self._track.at(np.array([previous_close.timestamp()]))[0]), 2)
        closeness = np.exp(-(np.log(options.strike / profile.spot) ** 2) / 0.02)
        self._open_interest = (opening.gamma(0.7, 900.0, options.size) * closeness + 5).astype(np.int64)
        self._volume = (self._open_interest * opening.uniform(0.02, 0.4, options.size)).astype(np.int64)
        self._opening_volume = int(opening.integers(2_000_000, 9_000_000))
        self._trades: dict[int, Trade] = {}
        everything = np.arange(options.size)
        self._option_closes = np.maximum(np.round(self.model(everything, opened)[0].price, 2), TICK)

    def advance(self, steps: int, now: datetime) -> None:
        """Make ``steps`` steps of the process, which end ``now``."""
        self._process.advance(steps)
        epoch = now.timestamp()
        if self._track.is_due(epoch):
            self._track.record(epoch, self._process.spot)
            self._volatility.record(epoch, self._thirty_days())

    def prices(self, row: int, side: Side, epochs: Array) -> Array:
        """Past prices: an option's follow from the underlying's path and the surface of now."""
        spot = self._track.at(epochs)
        if row == self.first_row:
            return quoted(spot, side, TICK)
        which = row - self.first_row - 1
        years = np.maximum(self.options.closes[which] - epochs, 0.0) / _YEAR_SECONDS
        found, _ = self._figures(np.full(epochs.shape, which), spot, years)
        bid, ask = sides(found.price, found.vega, self._profile.width)
        by_side = {"BID": bid, "ASK": ask, "MIDPOINT": (bid + ask) / 2, "TRADES": np.round(found.price, 2)}
        return np.asarray(np.round(by_side[side], 6))

    def implied_volatilities(self, row: int, epochs: Array) -> Array:
        """Past volatilities of the share; an option has none of its own: NaN."""
        return self._volatility.at(epochs) if row == self.first_row else np.full(epochs.shape, np.nan)

    def volumes(self, row: int, starts: Array, ends: Array) -> Rows:
        """Volume in proportion to the time, up to a half more or less."""
        per_day = self._opening_volume if row == self.first_row else self._volume[row - self.first_row - 1]
        level = 0.5 + noise(starts.astype(np.int64), self._seed ^ row)
        return np.asarray(per_day * level * (ends - starts) / _SESSION_SECONDS, dtype=np.int64)

    def quotes(self, rows: Rows, now: datetime) -> dict[int, Quote]:
        """Quotes by row."""
        which = rows - self.first_row - 1
        found: dict[int, Quote] = {}
        if np.any(which < 0):
            found[self.first_row] = self._share_quote(now)
        which = which[which >= 0]
        if which.size:
            found.update(self._option_quotes(which, now))
        return found

    def _thirty_days(self) -> float:
        """At-the-money volatility of the surface of now, 30 days ahead."""
        return float(self._process.surface().volatility(np.zeros(1), np.full(1, 30 / 365))[0])

    def model(self, which: Rows, now: datetime) -> tuple[black.Figures, Array, Array]:
        """Figures, volatilities and forwards of options by their place in the chain."""
        years = self.options.years(which, now)
        return *self._figures(which, np.full(years.shape, self._process.spot), years), years

    def _figures(self, which: Rows, spot: Array, years: Array) -> tuple[black.Figures, Array]:
        """Figures and volatilities of options by their place, the spot and the years left."""
        forward = spot * np.exp((RATE - self._profile.dividend_yield) * years)
        strike, sign = self.options.strike[which], self.options.sign[which]
        volatility = self._process.surface().volatility(np.log(strike / forward), years)
        return black.figures(black.Terms(forward, strike, years, sign, RATE), spot, volatility), volatility

    def _option_quotes(self, which: Rows, now: datetime) -> dict[int, Quote]:
        found, volatility, years = self.model(which, now)
        spot = self._process.spot
        bid, ask = sides(found.price, found.vega, self._profile.width)
        sizes = 1 + self._sizes.geometric(0.03, (2, which.size))
        self._trade(which, bid, ask, now)
        pv_dividend = spot * -np.expm1(-self._profile.dividend_yield * years)
        models = map(
            Model,
            *(column.tolist() for column in (volatility, found.delta, found.price, pv_dividend)),
            *(column.tolist() for column in (found.gamma, found.vega, found.theta)),
            repeat(spot),
        )
        fixed = zip(self._option_closes[which].tolist(), self._open_interest[which].tolist(), strict=True)
        quotes = {}
        for chain_row, model, best_bid, best_ask, bid_size, ask_size, (close, interest) in zip(
            which.tolist(), models, bid.tolist(), ask.tolist(), *sizes.tolist(), fixed, strict=True
        ):
            quotes[self.first_row + 1 + chain_row] = Quote(
                best_bid or None,
                bid_size if best_bid else 0,
                best_ask,
                ask_size,
                self._trades[chain_row],
                close,
                interest,
                model,
            )
        return quotes

    def _trade(self, which: Rows, bid: Array, ask: Array, now: datetime) -> None:
        """A trade at bid or ask now and then; every option has had one before it is first looked at."""
        due = self._sizes.random(which.size) < _TRADE_SHARE
        at_ask = self._sizes.random(which.size) < 0.5
        amounts = self._sizes.integers(1, 20, which.size)
        for place, chain_row in enumerate(which.tolist()):
            if due[place] or chain_row not in self._trades:
                paid = ask[place] if at_ask[place] or not bid[place] else bid[place]
                self._volume[chain_row] += amounts[place]
                volume = int(self._volume[chain_row])
                self._trades[chain_row] = Trade(
                    float(paid), int(amounts[place]), int(now.timestamp()), volume
                )

    def _share_quote(self, now: datetime) -> Quote:
        spot = self._process.spot
        bid = round(math.floor(spot / TICK) * TICK, 2)
        sizes = self._sizes.integers(1, 12, 3).tolist()
        last = bid if self._sizes.random() < 0.5 else round(bid + TICK, 2)
        calls = self.options.sign > 0
        figures = ShareFigures(
            int(self._volume[calls].sum()),
            int(self._volume[~calls].sum()),
            int(self._open_interest[calls].sum()),
            int(self._open_interest[~calls].sum()),
            self._historical,
            self._thirty_days(),
        )
        ask = round(bid + TICK, 2)
        traded = 100 * int(_SHARE_LOTS_PER_STEP * self._process.steps)
        trade = Trade(last, 100 * sizes[2], int(now.timestamp()), self._opening_volume + traded)
        return Quote(bid, 100 * sizes[0], ask, 100 * sizes[1], trade, self._close, share=figures)
