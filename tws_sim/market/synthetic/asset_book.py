"""Quotes of indices, futures, currency pairs and crypto currencies."""

import zlib
from datetime import datetime, time

import numpy as np
import numpy.typing as npt

from tws_sim.market.assets import Asset
from tws_sim.market.calendar import NEW_YORK
from tws_sim.market.market import Floats, Ints, Side
from tws_sim.market.quote import Quote, Trade
from tws_sim.market.synthetic.book import RATE
from tws_sim.market.synthetic.process import Process, Profile
from tws_sim.market.synthetic.sides import quoted
from tws_sim.market.track import Track, noise

PROFILES = {
    "SPX": Profile(5900.0, 0.16, 0.012),
    "NDX": Profile(20_900.0, 0.21, 0.006),
    "VIX": Profile(16.0, 0.9),
    "EUR": Profile(1.085, 0.08),
    "BTC": Profile(95_000.0, 0.55),
}
_SIDES: tuple[Side, ...] = ("BID", "ASK", "TRADES")
_YEAR_SECONDS = 365.0 * 86400
_DAY_SECONDS = 86_400.0


class AssetBook:
    """Rows ``first_row`` on; futures follow their index at the cost of carry."""

    def __init__(
        self,
        first_row: int,
        listed: list[Asset],
        seed: int,
        liveliness: float,
        opened: datetime,
        previous_close: datetime,
    ) -> None:
        self.first_row = first_row
        self._assets = listed
        self._seed = seed
        self._sizes = np.random.default_rng(seed ^ 0xA55E7)
        own_seeds = {name: (seed << 32) ^ zlib.crc32(name.encode()) for name in PROFILES}
        self._processes = {name: Process(PROFILES[name], own_seeds[name], liveliness) for name in PROFILES}
        self._tracks = {
            name: Track(profile.spot, profile.volatility, own_seeds[name], opened.timestamp())
            for name, profile in PROFILES.items()
        }
        before = np.array([previous_close.timestamp()])
        self._closes = [
            float(self.prices(first_row + place, "TRADES", before)[0]) for place in range(len(listed))
        ]

    def advance(self, steps: int, now: datetime) -> None:
        """Make ``steps`` steps of every path, which end ``now``."""
        for name, process in self._processes.items():
            process.advance(steps)
            self._tracks[name].record(now.timestamp(), process.spot)

    def quotes(self, rows: Ints, now: datetime) -> dict[int, Quote]:
        """Quotes by row; sizes are drawn anew."""
        return {row: self._quote(row - self.first_row, now) for row in rows.tolist()}

    def prices(self, row: int, side: Side, epochs: Floats) -> Floats:
        """Past prices."""
        item = self._assets[row - self.first_row]
        spot = self._tracks[item.source].at(epochs)
        return quoted(spot * _carry(item, epochs), side, item.min_tick)

    def implied_volatilities(self, row: int, epochs: Floats) -> Floats:
        """Nothing here has options: NaN."""
        return np.full(epochs.shape, np.nan)

    def volumes(self, row: int, starts: Floats, ends: Floats) -> Ints:
        """Volume in proportion to the time, up to a half more or less; an index has none."""
        item = self._assets[row - self.first_row]
        level = 0.5 + noise(starts.astype(np.int64), self._seed ^ row)
        return np.asarray(item.volume_per_day * level * (ends - starts) / _DAY_SECONDS, dtype=np.int64)

    def _quote(self, place: int, now: datetime) -> Quote:
        item = self._assets[place]
        price = self._processes[item.source].spot * _carry(item, np.array([now.timestamp()]))
        bid, ask, last = (float(quoted(price, side, item.min_tick)[0]) for side in _SIDES)
        sizes = self._sizes.integers(1, 60, 3).tolist()
        trade = Trade(last, sizes[2] if item.is_quoted else 0, int(now.timestamp()), self._volume(item, now))
        return Quote(
            bid if item.is_quoted else None,
            sizes[0] if item.is_quoted else 0,
            ask if item.is_quoted else None,
            sizes[1] if item.is_quoted else 0,
            trade if item.is_traded else None,
            self._closes[place],
        )

    def _volume(self, item: Asset, now: datetime) -> int:
        midnight = datetime.combine(now.date(), time(), NEW_YORK)
        return int(item.volume_per_day * (now - midnight).total_seconds() / _DAY_SECONDS)


def _carry(item: Asset, epochs: Floats) -> npt.NDArray[np.float64]:
    """What a future costs per unit of its index at each instant; 1 for everything else."""
    if item.last_trade is None:
        return np.ones(epochs.shape)
    expires = datetime.combine(item.last_trade, time(9, 30), NEW_YORK).timestamp()
    years = np.maximum(expires - epochs, 0.0) / _YEAR_SECONDS
    return np.asarray(np.exp((RATE - PROFILES[item.source].dividend_yield) * years))
