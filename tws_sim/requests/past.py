"""Bars of one instrument out of the market's past."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from tws_sim.market.assets import Asset
from tws_sim.market.bars import (
    DAY_SECONDS,
    MOST_BARS,
    Bar,
    Duration,
    Interval,
    bars,
    intervals,
    sessions_back,
)
from tws_sim.market.hours import Session
from tws_sim.market.instrument import Instrument, Share
from tws_sim.market.market import Floats, Ints, Market, Side
from tws_sim.market.track import realized_volatility
from tws_sim.requests.bar_request import ABSENT, IMPLIED_VOLATILITY, VOLATILITIES

_SIDES: dict[str, Side] = {"MIDPOINT": "MIDPOINT", "BID": "BID", "ASK": "ASK"}


class TooLongError(ValueError):
    """A request covers more bars than the gateway delivers."""


@dataclass(frozen=True)
class Past:
    """One instrument's past, seen as one kind of data."""

    market: Market
    item: Instrument
    what: str
    regular: bool

    @property
    def row(self) -> int:
        """The instrument's place in the market."""
        return self.market.listing.rows[self.item.con_id]

    @property
    def exists(self) -> bool:
        """Whether there is data of this kind at all."""
        if self.what in ABSENT:
            return False
        if self.what in VOLATILITIES:
            return isinstance(self.item, Share)
        is_last = self._side() == "TRADES"
        return not isinstance(self.item, Asset) or (self.item.is_traded if is_last else self.item.is_quoted)

    def sessions(self, end: datetime, duration: Duration) -> list[Session]:
        """Sessions of a request, oldest first."""
        first = self.market.first_day(self.row)
        found = sessions_back(self.item, self.market.past(), end, duration, regular=self.regular)
        return [one for one in found if one.day >= first]

    def bars(self, end: datetime, size: int, duration: Duration) -> list[Bar]:
        """Bars of a request, oldest first.

        Raises:
            TooLongError: there are more than ``MOST_BARS``.
        """
        if not self.exists:
            return []
        sessions = self.sessions(end, duration)
        covered = sum((one.closes - one.opens).total_seconds() for one in sessions)
        seconds = min(duration.limit, covered) if duration.unit == "S" else covered
        if size < DAY_SECONDS and seconds / size > MOST_BARS:
            raise TooLongError(f"{seconds / size:.0f} bars")
        return self.over(intervals(sessions, size, end.timestamp(), duration))

    def over(self, places: list[Interval]) -> list[Bar]:
        """Bars over given intervals."""
        if self.what in VOLATILITIES:
            return bars(places, self._implied if self.what == IMPLIED_VOLATILITY else self._realized)
        if self.what == "BID_ASK":
            return _averages(bars(places, self._path("BID")), bars(places, self._path("ASK")))
        side = self._side()
        counts = side == "TRADES" and not (isinstance(self.item, Asset) and not self.item.is_quoted)
        return bars(places, self._path(side), self._volumes if counts else None)

    def quiet(self, places: list[Interval]) -> list[Bar]:
        """Bars over given intervals, those in which nothing traded included."""
        side = self._side()
        found = bars(places, self._path(side))
        if side != "TRADES":
            return found
        starts, ends = np.array([one.start for one in places]), np.array([one.end for one in places])
        amounts = dict(zip(places, self._volumes(starts, ends).tolist(), strict=True))
        return [
            bar._replace(volume=amounts[bar.interval], average=bar.close, trades=amounts[bar.interval] // 100)
            for bar in found
        ]

    def prices(self, side: Side, epochs: Floats) -> Floats:
        """Prices at instants; NaN: none."""
        return self.market.prices(self.row, side, epochs)

    def _side(self) -> Side:
        return _SIDES.get(self.what, "BID" if self.what == "BID_ASK" else "TRADES")

    def _path(self, side: Side) -> Callable[[Floats], Floats]:
        return lambda epochs: self.prices(side, epochs)

    def _volumes(self, starts: Floats, ends: Floats) -> Ints:
        return self.market.volumes(self.row, starts, ends)

    def _implied(self, epochs: Floats) -> Floats:
        return self.market.implied_volatilities(self.row, epochs)

    def _realized(self, epochs: Floats) -> Floats:
        return realized_volatility(self._path("MIDPOINT"), epochs)


def _averages(bids: list[Bar], asks: list[Bar]) -> list[Bar]:
    """BID_ASK: the average bid, the highest ask, the lowest bid, the average ask, by interval."""
    by_place = {bar.interval: bar for bar in asks}
    pairs = [(bid, by_place[bid.interval]) for bid in bids if bid.interval in by_place]
    return [
        bid._replace(open=(bid.open + bid.close) / 2, high=ask.high, close=(ask.open + ask.close) / 2)
        for bid, ask in pairs
    ]
