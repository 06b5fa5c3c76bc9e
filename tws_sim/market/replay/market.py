"""The replayed market: the columns of one day, moved by the market's clock."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from tws_sim.clock import Clock, MarketClock
from tws_sim.market.calendar import NEW_YORK, SessionCalendar, sessions
from tws_sim.market.market import Side
from tws_sim.market.quote import Model, Quote, ShareFigures, Trade
from tws_sim.market.replay.day import SHARE_ROW, Day, read_day
from tws_sim.market.replay.forwards import RATE, ModelColumns, models
from tws_sim.market.replay.lean import Floats, Ints, ReplayError

if TYPE_CHECKING:
    from tws_sim.requests.dispatch import Handler

_LISTED_DAYS = 1200
_FASTEST = 3600


class ReplayMarket:
    """A :class:`tws_sim.market.market.Market` that sends what a recorded bar changed once it is known."""

    answers: "Mapping[int, Handler]" = MappingProxyType({})
    rate = RATE
    ticks_per_second: float | None = None

    def __init__(self, day: Day, calendar: SessionCalendar, clock: MarketClock) -> None:
        self.listing = day.listing
        self.calendar = calendar
        self.clock = clock
        self._day = day
        self._midnight = datetime.combine(clock.start.date(), time(), NEW_YORK)
        options = [item for chain in day.listing.chains.values() for item in chain]
        closes: dict[object, datetime] = {
            item.last_trade: calendar.close(item.last_trade) for item in options
        }
        self._model = ModelColumns(options, closes)
        self._option_rows = np.arange(1, len(day.listing.instruments), dtype=np.int64)
        self._calls = self._model.sign[1:] > 0
        self._apply()

    def advance(self, watched: Collection[int]) -> Sequence[int]:
        """Apply the bars known by now; the watched rows they touched are due."""
        return [row for row in self._apply().tolist() if row in watched]

    def _apply(self) -> Ints:
        now_ms = (self.clock.now() - self._midnight).total_seconds() * 1000
        day = self._day
        touched = [column.advance(now_ms) for column in (day.bid, day.ask, day.trade, day.open_interest)]
        return np.unique(np.concatenate(touched))

    def quotes(self, rows: Sequence[int]) -> list[Quote]:
        """The current state of these rows; the model of an option comes from its mid."""
        wanted = np.asarray(rows, dtype=np.int64)
        mids = (self._day.bid.values[:, 0] + self._day.ask.values[:, 0]) / 2
        spot = self._spot(mids)
        found: list[Model | None] = [None] * len(wanted)
        options = wanted != SHARE_ROW
        if spot is not None and np.any(options):
            computed = iter(models(self._model, wanted[options], mids, spot, self.clock.now()))
            found = [next(computed) if is_option else None for is_option in options.tolist()]
        return [self._quote(row, model) for row, model in zip(wanted.tolist(), found, strict=True)]

    def prices(self, row: int, side: Side, epochs: Floats) -> Floats:
        """What the bars known at each instant say; NaN before the first of them and after the clock."""
        known_ms = (epochs - self._midnight.timestamp()) * 1000
        day = self._day
        if side == "TRADES":
            found = day.trade.at(row, known_ms)[:, 0]
        else:
            bid, ask = day.bid.at(row, known_ms)[:, 0], day.ask.at(row, known_ms)[:, 0]
            found = {"BID": bid, "ASK": ask, "MIDPOINT": (bid + ask) / 2}[side]
        return np.where(epochs <= self.clock.now().timestamp(), found, np.nan)

    def implied_volatilities(self, row: int, epochs: Floats) -> Floats:
        """None is recorded: NaN."""
        return np.full(epochs.shape, np.nan)

    def volumes(self, row: int, starts: Floats, ends: Floats) -> Ints:
        """Volume of the bars that became known after each start and by its end."""
        midnight = self._midnight.timestamp()
        before, after = (
            np.nan_to_num(self._day.trade.at(row, (epochs - midnight) * 1000)[:, 2])
            for epochs in (starts, ends)
        )
        return np.asarray(after - before, dtype=np.int64)

    def first_day(self, row: int) -> date:
        """The recorded day: nothing is known of any other."""
        return self._midnight.date()

    def past(self) -> SessionCalendar:
        """The market's own calendar."""
        return self.calendar

    def _spot(self, mids: Floats) -> float | None:
        last = self._day.trade.values[SHARE_ROW, 0]
        spot = mids[SHARE_ROW] if np.isfinite(mids[SHARE_ROW]) else last
        return float(spot) if np.isfinite(spot) else None

    def _quote(self, row: int, model: Model | None) -> Quote:
        bid, bid_size = self._day.bid.values[row].tolist()
        ask, ask_size = self._day.ask.values[row].tolist()
        interest = self._day.open_interest.values[row, 0]
        return Quote(
            None if np.isnan(bid) else bid,
            0 if np.isnan(bid) else int(bid_size),
            None if np.isnan(ask) else ask,
            0 if np.isnan(ask) else int(ask_size),
            self._trade(row),
            open_interest=None if np.isnan(interest) else int(interest),
            model=model,
            share=self._share_figures() if row == SHARE_ROW else None,
        )

    def _trade(self, row: int) -> Trade | None:
        price, size, volume, known_ms = self._day.trade.values[row].tolist()
        if np.isnan(price):
            return None
        epoch = int((self._midnight + timedelta(milliseconds=known_ms)).timestamp())
        return Trade(price, int(size), epoch, int(volume))

    def _share_figures(self) -> ShareFigures:
        volume = np.nan_to_num(self._day.trade.values[1:, 2])
        interest = np.nan_to_num(self._day.open_interest.values[1:, 0])
        calls = self._calls
        return ShareFigures(
            int(volume[calls].sum()),
            int(volume[~calls].sum()),
            int(interest[calls].sum()),
            int(interest[~calls].sum()),
            None,
            None,
        )


def load(folder: Path, symbol: str, day: date, *, start: str, speed: float, clock: Clock) -> ReplayMarket:
    """A market that begins at ``start`` (HH:MM[:SS], New York) of a recorded day.

    Raises:
        ReplayError: the data is not there, the day was no session, or the start lies outside of it.
    """
    calendar = sessions(day - timedelta(days=14), day + timedelta(days=_LISTED_DAYS))
    hours = calendar.hours(day)
    if hours is None:
        raise ReplayError(f"{day} was no trading day")
    if not 0 < speed <= _FASTEST:
        raise ReplayError(f"--speed {speed} is not positive or above {_FASTEST}")
    opens, closes = hours
    try:
        begin = datetime.combine(day, time.fromisoformat(start), NEW_YORK)
    except ValueError:
        raise ReplayError(f"--start {start!r} is no time of day like 10:30") from None
    if not opens <= begin <= closes:
        raise ReplayError(f"--start {start} lies outside the session of {opens:%H:%M} to {closes:%H:%M}")
    recorded = read_day(folder, symbol.upper(), day, calendar)
    return ReplayMarket(recorded, calendar, MarketClock(clock, begin, speed))
