"""When an instrument trades, by its kind."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from tws_sim.market.assets import Asset
from tws_sim.market.calendar import NEW_YORK, SessionCalendar, trading_hours
from tws_sim.market.instrument import Instrument, Share

_DAYS_SHOWN = 6
_SATURDAY = 5
_EVENING_OPEN = {"FUT": time(18, 0), "CASH": time(17, 15)}


class Session(NamedTuple):
    """A trading day and its first and last instant, New York time."""

    day: date
    opens: datetime
    closes: datetime


def session(item: Instrument, calendar: SessionCalendar, day: date, *, regular: bool) -> Session | None:
    """The session of a day, regular hours or extended ones; None where there is none.

    Shares: 4:00 to 20:00 outside regular hours. Futures and currencies: from the evening before to 17:00.
    Crypto currencies: all day, every day. Options and indices: the exchange's hours.
    """
    if isinstance(item, Asset) and item.sec_type != "IND":
        return _around_the_clock(item, day, regular=regular)
    hours = calendar.hours(day)
    if hours is None:
        return None
    opens, closes = hours
    if isinstance(item, Share) and not regular:
        evening = time(17, 0) if closes.hour < 16 else time(20, 0)
        return Session(day, _at(day, time(4, 0)), _at(day, evening))
    return Session(day, opens, closes)


def hours_text(item: Instrument, calendar: SessionCalendar, first: date) -> tuple[str, str]:
    """Extended and regular hours of the coming days, as TWS writes them."""
    if isinstance(item, Share):
        return trading_hours(calendar, first)
    if not isinstance(item, Asset) or item.sec_type == "IND":
        return (trading_hours(calendar, first)[1],) * 2
    days = [first + timedelta(days=offset) for offset in range(_DAYS_SHOWN)]
    extended, liquid = (
        ";".join(_entry(day, _around_the_clock(item, day, regular=regular)) for day in days)
        for regular in (False, True)
    )
    return extended, liquid


def _around_the_clock(item: Asset, day: date, *, regular: bool) -> Session | None:
    if item.sec_type == "CRYPTO":
        return Session(day, _at(day, time()), _at(day + timedelta(days=1), time()))
    if day.weekday() >= _SATURDAY:
        return None
    if regular and item.sec_type == "FUT":
        return Session(day, _at(day, time(9, 30)), _at(day, time(16, 0)))
    evening = _at(day - timedelta(days=1), _EVENING_OPEN[item.sec_type])
    return Session(day, evening, _at(day, time(17, 0)))


def _at(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, NEW_YORK)


def _entry(day: date, found: Session | None) -> str:
    if found is None:
        return f"{day:%Y%m%d}:CLOSED"
    return f"{found.opens:%Y%m%d:%H%M}-{found.closes:%Y%m%d:%H%M}"
