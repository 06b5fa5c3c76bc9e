"""Historical bars: which intervals a request covers, and what a price's path did in each."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tws_sim.market.calendar import SessionCalendar
from tws_sim.market.hours import Session, session
from tws_sim.market.instrument import Instrument

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST_BARS = 20_000
DAY_SECONDS = 86_400
# Bar sizes in seconds under TWS's names; a week and a month stand for whole calendar ones.
WEEK, MONTH = 7 * DAY_SECONDS, 30 * DAY_SECONDS
BAR_SIZES = {
    **{f"{n} secs": n for n in (1, 5, 10, 15, 30)},
    "1 min": 60,
    **{f"{n} mins": 60 * n for n in (2, 3, 5, 10, 15, 20, 30)},
    "1 hour": 3600,
    **{f"{n} hours": 3600 * n for n in (2, 3, 4, 8)},
    "1 day": DAY_SECONDS,
    "1 week": WEEK,
    "1 month": MONTH,
}
_UNIT_DAYS = {"W": 7.0, "M": 30.5, "Y": 365.25}


class Duration(NamedTuple):
    """How far back a request reaches: seconds of trading, trading days, or calendar weeks, months, years."""

    limit: int
    unit: str


class Interval(NamedTuple):
    """One bar's place: the session day it belongs to and its instants in seconds since 1970."""

    day: date
    start: float
    end: float


class Bar(NamedTuple):
    """Prices over an interval; for anything but trades volume, average and trades are -1."""

    interval: Interval
    open: float
    high: float
    low: float
    close: float
    volume: int
    average: float
    trades: int


def sessions_back(
    item: Instrument, calendar: SessionCalendar, end: datetime, duration: Duration, *, regular: bool
) -> list[Session]:
    """Sessions that began before ``end``, as many as the duration covers, oldest first."""
    found: list[Session] = []
    traded = 0.0
    for one in _backwards(item, calendar, end, regular=regular):
        if duration.unit in _UNIT_DAYS:
            if (end.date() - one.day).days >= duration.limit * _UNIT_DAYS[duration.unit]:
                break
        elif len(found) >= duration.limit if duration.unit == "D" else traded >= duration.limit:
            break
        found.append(one)
        traded += (min(one.closes, end) - one.opens).total_seconds()
    return found[::-1]


def _backwards(
    item: Instrument, calendar: SessionCalendar, end: datetime, *, regular: bool
) -> Iterator[Session]:
    day = end.date() + timedelta(days=1)  # an evening belongs to the next day's session
    while day >= calendar.start:
        one = session(item, calendar, day, regular=regular)
        if one is not None and one.opens < end:
            yield one
        day -= timedelta(days=1)


def intervals(sessions: list[Session], size: int, end: float, duration: Duration) -> list[Interval]:
    """The bars' places, oldest first; none begins at or after ``end`` and none ends after it."""
    if size >= DAY_SECONDS:
        days = [Interval(one.day, one.opens.timestamp(), one.closes.timestamp()) for one in sessions]
        if size > DAY_SECONDS:
            key = "%G-%V" if size == WEEK else "%Y-%m"
            groups = [list(group) for _, group in groupby(days, lambda one: one.day.strftime(key))]
            days = [Interval(group[-1].day, group[0].start, group[-1].end) for group in groups]
        return [one._replace(end=min(one.end, end)) for one in days if one.start < end]
    found = [
        Interval(one.day, start, min(start + size, one.closes.timestamp(), end))
        for one in sessions
        for start in np.arange(one.opens.timestamp(), min(one.closes.timestamp(), end), size).tolist()
    ]
    return found[-max(1, -(-duration.limit // size)) :] if duration.unit == "S" else found


def bars(
    places: list[Interval],
    prices: Callable[[Floats], Floats],
    volumes: Callable[[Floats, Floats], Ints] | None = None,
) -> list[Bar]:
    """Bars over intervals from a path of prices (NaN: none yet); an interval without any price has no bar.

    A minute is looked at every 5 s, an hour every minute, longer bars 60 times.
    """
    if not places:
        return []
    starts, ends = np.array([one.start for one in places]), np.array([one.end for one in places])
    longest = float(np.max(ends - starts))
    points = 61 if longest > 60 else max(2, min(13, round(longest) + 1))
    instants = starts[:, None] + (ends - starts)[:, None] * np.linspace(0.0, 1.0, points)
    values = prices(instants.ravel()).reshape(instants.shape)
    amounts = None if volumes is None else volumes(starts, ends)
    found = []
    for number, row in enumerate(values):
        known = row[np.isfinite(row)]
        if known.size and (amounts is None or amounts[number] > 0):
            traded = -1 if amounts is None else int(amounts[number])
            average = -1.0 if amounts is None else float(known.mean())
            ohlc = (float(known[0]), float(known.max()), float(known.min()), float(known[-1]))
            trades = -1 if amounts is None else max(1, traded // 100)
            found.append(Bar(places[number], *ohlc, traded, round(average, 6), trades))
    return found
