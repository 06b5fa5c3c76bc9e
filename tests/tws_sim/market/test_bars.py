"""Which intervals a request for bars covers, and the bars over them."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tws_sim.market.assets import PAIRS, listed
from tws_sim.market.bars import BAR_SIZES, MONTH, WEEK, Duration, Interval, bars, intervals, sessions_back
from tws_sim.market.calendar import NEW_YORK, sessions
from tws_sim.market.instrument import share

NOW = datetime(2026, 11, 30, 11, 0, tzinfo=NEW_YORK)  # the Monday after Thanksgiving
CALENDAR = sessions(date(2025, 1, 2), date(2026, 12, 31))
SPY = share("SPY")
DAY = BAR_SIZES["1 day"]


def places(size: str, duration: Duration, *, regular: bool = True) -> list[Interval]:
    found = sessions_back(SPY, CALENDAR, NOW, duration, regular=regular)
    return intervals(found, BAR_SIZES[size], NOW.timestamp(), duration)


def test_days_are_trading_days_of_their_real_length() -> None:
    found = places("1 hour", Duration(3, "D"))
    by_day = {day: [one for one in found if one.day == day] for day in {one.day for one in found}}
    assert {day.isoformat(): len(hours) for day, hours in by_day.items()} == {
        "2026-11-25": 7, "2026-11-27": 4, "2026-11-30": 2  # Thanksgiving is out, Friday ends at 13:00
    }  # fmt: skip
    assert max(one.end for one in found) == NOW.timestamp()
    assert len(places("1 hour", Duration(1, "D"), regular=False)) == 7  # from 4:00 on


def test_seconds_reach_over_the_night() -> None:
    found = places("1 min", Duration(7200, "S"))
    assert len(found) == 120
    assert {one.day.day for one in found} == {27, 30}


def test_weeks_and_months_are_calendar_ones() -> None:
    weekly = places("1 week", Duration(1, "M"))
    assert [one.day.day for one in weekly] == [6, 13, 20, 27, 30]
    monthly = places("1 month", Duration(1, "Y"))
    assert [one.day.month for one in monthly][-3:] == [9, 10, 11]
    assert len(monthly) == 12
    assert BAR_SIZES["1 week"] == WEEK < MONTH == BAR_SIZES["1 month"]


def test_currencies_trade_from_the_evening_on_and_crypto_every_day() -> None:
    pair, coin = PAIRS
    monday = sessions_back(pair, CALENDAR, NOW, Duration(1, "D"), regular=False)
    assert monday[0].opens == datetime(2026, 11, 29, 17, 15, tzinfo=NEW_YORK)
    days = sessions_back(coin, CALENDAR, NOW, Duration(3, "D"), regular=True)
    assert [one.day.day for one in days] == [28, 29, 30]
    (future,) = [item for item in listed(NOW.date()) if item.local_symbol == "ESZ6"]
    assert sessions_back(future, CALENDAR, NOW, Duration(1, "D"), regular=True)[0].opens.hour == 9


@settings(deadline=None)  # a year of hours takes as long as the machine is busy
@given(
    st.sampled_from(sorted(BAR_SIZES)),
    st.builds(Duration, st.integers(1, 40), st.sampled_from("DWM"))
    | st.builds(Duration, st.integers(1, 100_000), st.just("S")),
    st.booleans(),
)
def test_intervals_are_in_order_and_apart(size: str, duration: Duration, regular: bool) -> None:
    if BAR_SIZES[size] < 3600 and duration.unit != "S":
        duration = Duration(1, "D")
    found = places(size, duration, regular=regular)
    assert found
    assert all(one.start < one.end <= NOW.timestamp() for one in found)
    assert all(before.end <= after.start for before, after in pairwise(found))


@given(st.sampled_from([5, 60, 3600, DAY]), st.floats(0.1, 10.0))
def test_a_bar_holds_the_path_s_ends_and_extremes(size: int, slope: float) -> None:
    start = NOW.timestamp()
    place = Interval(NOW.date(), start, start + size)

    def path(epochs: np.ndarray) -> np.ndarray:
        return 100 + slope * (epochs - start) / size

    (bar,) = bars([place], path)
    assert (bar.open, bar.low) == (100, 100)
    assert (bar.close, bar.high) == (pytest.approx(100 + slope), pytest.approx(100 + slope))
    assert (bar.volume, bar.trades) == (-1, -1)


def test_what_has_no_price_or_no_trade_has_no_bar() -> None:
    start = NOW.timestamp()
    two = [Interval(NOW.date(), start + 60 * n, start + 60 * n + 60) for n in range(2)]

    def later(epochs: np.ndarray) -> np.ndarray:
        return np.where(epochs < start + 60, np.nan, 7.0)

    assert [bar.open for bar in bars(two, later)] == [7.0, 7.0]  # its last instant is the next one's first
    assert bars(two, lambda epochs: np.full(epochs.shape, np.nan)) == []
    traded = bars(two, later, lambda starts, ends: np.array([0, 250]))
    assert [(bar.volume, bar.trades) for bar in traded] == [(250, 2)]
    assert bars([], later) == []


def test_history_has_every_session_once() -> None:
    found = places("1 day", Duration(60, "D"))
    assert len(found) == 60
    assert all(CALENDAR.is_session(one.day) for one in found)
    assert found[-1].day - found[0].day > timedelta(days=80)
