"""Time to expiration; the exchange's calendar comes with the contracts."""

import math
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from scanner_server.columns import Floats, Ints

SECONDS_PER_YEAR = 365 * 86_400
_SHORTEST = 60.0
_NEW_YORK = ZoneInfo("America/New_York")


def years_to(expires_at: Floats, market_time: float) -> Floats:
    """Elapsed UTC seconds to each instant over 365 days, at least 60 s."""
    return np.maximum(expires_at - market_time, _SHORTEST) / SECONDS_PER_YEAR


def days_to_expiration(expires_at: Floats, market_time: float) -> Ints:
    """Calendar days in New York from the market date to the date of each instant."""
    today = _date(market_time)
    return np.array([(_date(at) - today).days for at in expires_at.tolist()], np.int64)


def next_midnight(market_time: float) -> float:
    """The instant, in unix seconds, at which the date in New York changes next."""
    tomorrow = _date(market_time) + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=_NEW_YORK).timestamp()


def _date(instant: float) -> date:
    whole = math.floor(instant)  # fromtimestamp would round the last half microsecond up into the next day
    return datetime.fromtimestamp(whole, _NEW_YORK).date()
