"""One expiration: its options, forward, volatilities and smile, in plain Python, SciPy and QuantLib."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import median
from zoneinfo import ZoneInfo

import numpy as np
import QuantLib
from scipy.interpolate import PchipInterpolator
from scipy.optimize import brentq
from scipy.stats import norm

YEAR = 365 * 86_400
NEW_YORK = ZoneInfo("America/New_York")


@dataclass
class Option:
    con_id: int
    expires_at: float
    call: bool
    strike: float
    bid: float
    ask: float
    volume: float
    open_interest: float
    quote_time: float

    @property
    def mid(self) -> float:
        good = self.bid >= 0 and self.ask > 0 and self.ask >= self.bid
        return (self.bid + self.ask) / 2 if good else math.nan

    def payoff(self, share: float) -> float:
        return max(share - self.strike, 0) if self.call else max(self.strike - share, 0)


def black(forward: float, strike: float, deviation: float, call: bool) -> float:
    d1 = math.log(forward / strike) / deviation + deviation / 2
    sign = 1 if call else -1
    return sign * (forward * norm.cdf(sign * d1) - strike * norm.cdf(sign * (d1 - deviation)))


@dataclass
class Expiry:
    """What the options of one expiration are priced with; points are (ln(K/F), volatility), ascending."""

    spot: float
    now: float
    rate: float
    years: float
    forward: float
    points: Sequence[tuple[float, float]] = ()
    options: Sequence[Option] = ()
    growth: float = field(init=False)
    atm: float = field(init=False)
    deviation: float = field(init=False)

    def __post_init__(self) -> None:
        self.growth = math.exp(self.rate * self.years)
        if len(self.points) > 1:
            self.curve = PchipInterpolator(*zip(*self.points, strict=True))
        self.atm = self.smile(0.0)
        self.deviation = self.atm * math.sqrt(self.years)

    def iv(self, option: Option) -> float:
        price = option.mid * self.growth
        intrinsic = option.payoff(self.forward)
        most = self.forward if option.call else option.strike
        if not intrinsic < price < most:
            return math.nan

        def gap(deviation: float) -> float:
            return black(self.forward, option.strike, deviation, option.call) - price

        high = 1.0
        while gap(high) < 0:
            high *= 2
        return brentq(gap, 1e-9, high, xtol=1e-15, rtol=1e-15) / math.sqrt(self.years)

    def smile(self, x: float) -> float:
        if not self.points:
            return math.nan
        if x <= self.points[0][0]:
            return self.points[0][1]
        if x >= self.points[-1][0]:
            return self.points[-1][1]
        return float(self.curve(x))

    def above(self, share: float) -> float:
        """P(S_T > share), the smile's slope over one deviation included."""
        if share <= 0:
            return 1.0
        if share == math.inf:
            return 0.0
        x, root = math.log(share / self.forward), math.sqrt(self.years)
        h = self.deviation / 2
        deviation = self.smile(x) * root
        d2 = -x / deviation - deviation / 2
        slope = (self.smile(x + h) - self.smile(x - h)) / (2 * h)
        return min(max(norm.cdf(d2) - norm.pdf(d2) * root * slope, 0), 1)

    def greeks(self, option: Option) -> np.ndarray:
        iv = self.iv(option)
        if math.isnan(iv):
            return np.full(5, math.nan)
        payoff = QuantLib.PlainVanillaPayoff(
            QuantLib.Option.Call if option.call else QuantLib.Option.Put, option.strike
        )
        of = QuantLib.BlackCalculator(payoff, self.forward, iv * math.sqrt(self.years), 1 / self.growth)
        return np.array(
            [
                of.delta(self.spot),
                of.gamma(self.spot),
                of.vega(self.years) / 100,
                of.theta(self.spot, self.years) / 365,
                of.rho(self.years) / 100,
            ]
        )


def quoted_expiry(
    options: list[Option], spot: float, now: float, rate: float, dividend_yield: float = 0.0
) -> Expiry:
    """The forward by parity and the smile, from the quotes of all options of an expiration."""
    years = max(options[0].expires_at - now, 60) / YEAR
    forward = parity_forward(options, spot, math.exp(rate * years))
    if math.isnan(forward):
        forward = spot * math.exp((rate - dividend_yield) * years)
    flat = Expiry(spot, now, rate, years, forward)
    out = [o for o in options if o.bid > 0 and o.call == (o.strike > forward)]
    found = [(math.log(o.strike / forward), flat.iv(o)) for o in out]
    points = sorted((x, iv) for x, iv in found if not math.isnan(iv))
    return Expiry(spot, now, rate, years, forward, points, options)


def parity_forward(options: list[Option], spot: float, growth: float) -> float:
    calls = {o.strike: o for o in options if o.call}
    puts = {o.strike: o for o in options if not o.call}
    both = [
        k for k in calls.keys() & puts.keys() if all(o.mid > 0 and o.bid > 0 for o in (calls[k], puts[k]))
    ]
    nearest = sorted(both, key=lambda k: (abs(k - spot), k))[:5]
    if len(nearest) < 3:
        return math.nan
    return median(k + growth * (calls[k].mid - puts[k].mid) for k in nearest)


def new_york_date(instant: float) -> date:
    return datetime.fromtimestamp(instant, NEW_YORK).date()
