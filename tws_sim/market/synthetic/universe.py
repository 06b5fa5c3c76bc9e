"""What the synthetic market lists: underlyings, expirations by the exchange's calendar, strikes."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tws_sim.market.calendar import SessionCalendar
from tws_sim.market.instrument import Instrument, Option, Share, option, share
from tws_sim.market.synthetic.process import Profile

WEEKLIES = 8
MONTHLIES = 12
LISTED_DAYS = 400
_HALF_WIDTH = 0.28
_FRIDAY = 4

PROFILES = {
    "AAPL": Profile(228.0, 0.26, 0.004),
    "AMZN": Profile(205.0, 0.32),
    "GOOG": Profile(178.0, 0.29, 0.004),
    "IWM": Profile(224.0, 0.22, 0.012, -0.6),
    "META": Profile(575.0, 0.34, 0.003),
    "MSFT": Profile(425.0, 0.23, 0.007),
    "NVDA": Profile(138.0, 0.48, 0.0003, -0.3, 1.0),
    "QQQ": Profile(505.0, 0.21, 0.006, -0.65, width=1.0),
    "SPY": Profile(590.0, 0.16, 0.012, -0.7, width=1.0),
    "TSLA": Profile(335.0, 0.58, 0.0, -0.2, 0.9),
}


@dataclass(frozen=True)
class Crowd:
    """So many underlyings, U001 and on, each with about so many options: weeklies alone, strikes close by."""

    underlyings: int
    options: int

    @property
    def symbols(self) -> list[str]:
        """Their tickers."""
        return [f"U{number:03}" for number in range(1, self.underlyings + 1)]

    def strikes(self, spot: float) -> list[float]:
        """As many as give the options, evenly over a quarter of the spot to either side."""
        count = max(2, round(self.options / (2 * WEEKLIES)))
        step = max(0.01, round(2 * _HALF_WIDTH * spot / count, 2))
        lowest = round(spot - step * (count // 2), 2)
        return [round(lowest + step * number, 2) for number in range(count)]


NOBODY = Crowd(0, 0)


def profile(symbol: str) -> Profile:
    """The profile of a symbol; an unknown one gets a spot and volatility out of its name."""
    if symbol in PROFILES:
        return PROFILES[symbol]
    first, second = hashlib.blake2b(symbol.encode(), digest_size=2).digest()
    return Profile(round(20.0 * 1.015**first, 2), 0.18 + second / 600, width=3.0)


def strike_step(spot: float) -> float:
    """Distance between strikes as exchanges list them for a spot."""
    return next((step for below, step in ((25, 0.5), (100, 1.0), (250, 2.5)) if spot < below), 5.0)


def strikes(spot: float) -> list[float]:
    """Strikes around a spot, a little over a quarter of it to either side."""
    step = strike_step(spot)
    lowest, highest = int(spot * (1 - _HALF_WIDTH) / step), int(spot * (1 + _HALF_WIDTH) / step) + 1
    return [number * step for number in range(max(lowest, 1), highest + 1)]


def expirations(calendar: SessionCalendar, now: datetime) -> list[date]:
    """The next weeklies and monthlies: Fridays, or the session before a Friday without trading."""
    friday = now.date() + timedelta(days=(_FRIDAY - now.date().weekday()) % 7)
    found: list[date] = []
    monthlies = 0
    while len(found) < WEEKLIES or monthlies < MONTHLIES:
        last_trade = calendar.last_session(friday)
        is_monthly = 15 <= friday.day <= 21
        if calendar.close(last_trade) > now and (len(found) < WEEKLIES or is_monthly):
            found.append(last_trade)
            monthlies += is_monthly
        friday += timedelta(days=7)
        if friday > calendar.end:
            break
    return found


def instruments(
    symbols: list[str], calendar: SessionCalendar, now: datetime, crowd: Crowd = NOBODY
) -> list[Instrument]:
    """Every symbol's share followed by its options, by expiration, strike, right; then those of the crowd."""
    listed: list[Instrument] = []
    days = expirations(calendar, now)
    for symbol in symbols:
        underlying = share(symbol)
        listed.append(underlying)
        listed += _chain(underlying, days, strikes(profile(symbol).spot))
    for symbol in crowd.symbols:
        underlying = share(symbol)
        listed.append(underlying)
        listed += _chain(underlying, days[:WEEKLIES], crowd.strikes(profile(symbol).spot))
    return listed


def _chain(underlying: Share, days: list[date], levels: list[float]) -> list[Option]:
    return [
        option(underlying, day, day, strike, right)
        for day in days
        for strike in levels
        for right in ("C", "P")
    ]
