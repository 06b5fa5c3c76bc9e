"""A slow scanner in plain Python, SciPy and QuantLib, written from the definitions in docs/scanning.md."""

import math
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations, pairwise
from statistics import median
from zoneinfo import ZoneInfo

import numpy as np
import QuantLib
from scipy.integrate import quad
from scipy.interpolate import PchipInterpolator
from scipy.optimize import brentq
from scipy.stats import norm

YEAR = 365 * 86_400
NEW_YORK = ZoneInfo("America/New_York")
WEIGHTS = (0.25, 0.20, 0.15, 0.10, 0.10, 0.05, 0.05, 0.05, 0.05)


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
    """Forward, volatilities and smile of one expiration."""

    options: list[Option]
    spot: float
    now: float
    rate: float
    dividend_yield: float = 0.0
    years: float = field(init=False)
    forward: float = field(init=False)

    def __post_init__(self) -> None:
        self.years = max(self.options[0].expires_at - self.now, 60) / YEAR
        self.growth = math.exp(self.rate * self.years)
        self.forward = self._forward()
        self.points = sorted(self._points())
        if len(self.points) > 1:
            self.curve = PchipInterpolator(*zip(*self.points, strict=True))
        self.atm = self.smile(0.0)
        self.deviation = self.atm * math.sqrt(self.years)

    def _forward(self) -> float:
        calls = {o.strike: o for o in self.options if o.call}
        puts = {o.strike: o for o in self.options if not o.call}
        both = [
            k for k in calls.keys() & puts.keys() if all(o.mid > 0 and o.bid > 0 for o in (calls[k], puts[k]))
        ]
        nearest = sorted(both, key=lambda k: (abs(k - self.spot), k))[:5]
        if len(nearest) < 3:
            return self.spot * math.exp((self.rate - self.dividend_yield) * self.years)
        return median(k + self.growth * (calls[k].mid - puts[k].mid) for k in nearest)

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

    def _points(self) -> list[tuple[float, float]]:
        out = [o for o in self.options if o.bid > 0 and o.call == (o.strike > self.forward)]
        found = [(math.log(o.strike / self.forward), self.iv(o)) for o in out]
        return [(x, iv) for x, iv in found if not math.isnan(iv)]

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


def ratio(top: float, bottom: float) -> float:
    if bottom == 0 or math.isnan(bottom) or (math.isinf(top) and math.isinf(bottom)):
        return math.nan
    return 0.0 if math.isinf(bottom) else top / bottom


def liquidity(option: Option) -> float:
    def known(value: float) -> float:
        return 0.0 if math.isnan(value) else value

    tight = max(0, 1 - (option.ask - option.bid) / option.mid / 0.10)
    return min(1, known(option.open_interest) / 1000) / 2 + min(1, known(option.volume) / 100) / 4 + tight / 4


def zeros(profit, kinks: list[float], slope: float) -> list[float]:
    """Points where a piecewise-linear function changes side, from its values at 0 and the kinks."""
    nodes = [0.0, *kinks, kinks[-1] * 2 + 1000]
    if slope != 0:
        nodes[-1] = kinks[-1] + abs(profit(kinks[-1]) / slope) + 1
    found = []
    for a, b in pairwise(nodes):
        at_a, at_b = profit(a), profit(b)
        if (at_a > 0) != (at_b > 0):
            found.append(a - at_a * (b - a) / (at_b - at_a))
    return [share for share in found if share > 0]


def intervals(profit, kinks: list[float], slope: float) -> list[tuple[float, float]]:
    edges = [0.0, *zeros(profit, kinks, slope), math.inf]
    inside = []
    for a, b in pairwise(edges):
        middle = (a + b) / 2 if b < math.inf else 2 * a + 10 * kinks[-1]
        if profit(middle) > 0:
            inside.append((a, b))
    return inside


def expectation(of, expiry: Expiry, deviation: float, cuts: list[float]) -> float:
    """E[of(S_T)], S_T lognormal around the forward, by quadrature between the cuts."""
    zs = sorted(math.log(c / expiry.forward) / deviation + deviation / 2 for c in cuts if c > 0)
    zs = [-12.0, *(z for z in zs if -12 < z < 12), 12.0]

    def integrand(z: float) -> float:
        return of(expiry.forward * math.exp(deviation * z - deviation * deviation / 2)) * norm.pdf(z)

    return sum(quad(integrand, a, b, epsabs=1e-10, limit=200)[0] for a, b in pairwise(zs))


def figures(
    legs: list[tuple[int, Option]],
    expiry: Expiry,
    *,
    slippage: float = 0.25,
    commission: float = 0.65,
    multiplier: float = 100,
    forecast: float | None = None,
    costly: bool = True,
) -> dict[str, float]:
    """Every figure of a spread; legs are (quantity, option) of one expiration."""
    f: dict[str, float] = {}
    f["net_mid"] = sum(q * o.mid for q, o in legs)
    f["net_natural"] = sum(q * (o.ask if q > 0 else o.bid) for q, o in legs)
    f["fill_price"] = fill = f["net_mid"] + slippage * (f["net_natural"] - f["net_mid"])
    f["fee"] = commission * sum(abs(q) for q, _ in legs)
    f["days_to_expiration"] = (_date(legs[0][1].expires_at) - _date(expiry.now)).days
    f["expected_move"] = expiry.spot * expiry.deviation
    spans = [
        max(o.strike for o in of) - min(o.strike for o in of)
        for of in ([o for _, o in legs if o.call], [o for _, o in legs if not o.call])
        if of
    ]
    f["width"] = max(spans)
    f["width_to_expected_move"] = ratio(f["width"], f["expected_move"])
    f["quote_age"] = max(expiry.now - o.quote_time for _, o in legs)
    f["liquidity"] = min(liquidity(o) for _, o in legs)

    def profit(share: float) -> float:
        return sum(q * o.payoff(share) for q, o in legs) - fill

    kinks = sorted({o.strike for _, o in legs})
    slope = sum(q for q, o in legs if o.call)
    at_nodes = [profit(share) for share in (0.0, *kinks)]
    f["undefined_risk"] = float(slope < 0)
    f["naked"] = float(sum(q for q, o in legs if not o.call) < 0)
    f["max_profit"] = math.inf if slope > 0 else max(at_nodes)
    f["max_loss"] = math.inf if slope < 0 else -min(at_nodes)
    f["return_on_risk"] = ratio(f["max_profit"], f["max_loss"])
    f["annualized_return_on_risk"] = f["return_on_risk"] * 365 / max(365 * expiry.years, 1)
    f["max_profit_cash"] = f["max_profit"] * multiplier - f["fee"]
    f["max_loss_cash"] = f["max_loss"] * multiplier + f["fee"]
    f["return_on_risk_after_commission"] = ratio(f["max_profit_cash"], f["max_loss_cash"])
    greeks = sum(q * expiry.greeks(o) for q, o in legs)
    f |= dict(zip(("delta", "gamma", "vega", "theta", "rho"), greeks, strict=True))
    f["theta_vega_ratio"] = ratio(f["theta"], f["vega"])
    sold, bought = [(-q, o) for q, o in legs if q < 0], [(q, o) for q, o in legs if q > 0]
    for name, side in (("sold_implied_volatility", sold), ("bought_implied_volatility", bought)):
        quantity = sum(q for q, _ in side)
        f[name] = sum(q * expiry.iv(o) for q, o in side) / quantity if side else math.nan
    if costly:
        _costly(f, legs, expiry, profit, kinks, slope, forecast, multiplier)
    return f


def _costly(f, legs, expiry, profit, kinks, slope, forecast, multiplier) -> None:
    edges = zeros(profit, kinks, slope)
    distances = [abs(math.log(b / expiry.forward)) / expiry.deviation for b in edges]
    f["breakeven_distance"] = min(distances, default=math.nan)
    inside = intervals(profit, kinks, slope)
    f["probability_of_profit"] = (
        math.nan
        if math.isnan(expiry.atm)
        else sum(max(0, expiry.above(a) - expiry.above(b)) for a, b in inside)
    )
    deviation = (expiry.atm if forecast is None else forecast) * math.sqrt(expiry.years)
    cost = expiry.growth * f["fill_price"]

    def financed(share: float) -> float:
        return sum(q * o.payoff(share) for q, o in legs) - cost

    cuts = [*kinks, *zeros(financed, kinks, slope)]
    gain = expectation(lambda s: max(financed(s), 0), expiry, deviation, cuts)
    loss = expectation(lambda s: max(-financed(s), 0), expiry, deviation, cuts)
    chance = expectation(lambda s: float(financed(s) > 0), expiry, deviation, cuts)
    f["expected_gain"], f["expected_loss"] = gain, loss
    f["expected_value"] = ev = gain - loss
    f["average_gain"] = ratio(gain, chance)
    f["margin_efficiency"] = ratio(ev, f["max_loss"])
    f["kelly_fraction"] = min(max(ratio(ev, f["max_profit"]), 0), 1)
    f["expected_value_cash"] = ev * multiplier - f["fee"]


def breakevens(legs: list[tuple[int, Option]], fill: float) -> list[float]:
    kinks = sorted({o.strike for _, o in legs})

    def profit(share: float) -> float:
        return sum(q * o.payoff(share) for q, o in legs) - fill

    return zeros(profit, kinks, sum(q for q, o in legs if o.call))


def score(f: dict[str, float], legs: list[tuple[int, Option]], expiry: Expiry) -> tuple[float, list[float]]:
    """Score under the balanced weights and its parts."""
    risk = f["max_loss"] if math.isfinite(f["max_loss"]) else 0.2 * expiry.spot
    p, rho, y = f["probability_of_profit"], f["average_gain"] / risk, f["theta"] / (0.01 * risk)
    sold = f["sold_implied_volatility"] if any(q < 0 for q, _ in legs) else expiry.atm
    bought = f["bought_implied_volatility"] if any(q > 0 for q, _ in legs) else expiry.atm
    width = f["max_profit"] + f["max_loss"]
    days = max(365 * expiry.years, 1)
    day_move = expiry.spot * expiry.atm * math.sqrt(1 / 365)
    parts = [
        p * p * (3 - 2 * p),
        rho / (rho + 1 / 3),
        f["liquidity"],
        1 / (1 + abs(f["delta"]) * day_move / (0.25 * risk)),
        0.5 * (1 + y / (1 + abs(y))),
        1 / (1 + abs(f["vega"]) / (0.05 * risk)),
        min(max(0.5 + 2.5 * (sold - bought) / expiry.atm, 0), 1),
        0.5
        if math.isinf(width)
        else math.exp(-0.5 * (math.log(width / (0.25 * f["expected_move"])) / 0.8) ** 2),
        math.exp(-0.5 * (math.log(days / 35) / 0.7) ** 2),
    ]
    parts = [0.0 if math.isnan(part) else part for part in parts]
    return sum(w * c for w, c in zip(WEIGHTS, parts, strict=True)), parts


def verticals(options: list[Option]) -> list[tuple[str, list[tuple[int, Option]]]]:
    found = []
    for name, call, first in (
        ("bull_call", True, 1),
        ("bear_call", True, -1),
        ("bull_put", False, 1),
        ("bear_put", False, -1),
    ):
        side = sorted((o for o in options if o.call == call), key=lambda o: o.strike)
        found += [(name, [(first, low), (-first, high)]) for low, high in combinations(side, 2)]
    return found


def condors(options: list[Option]) -> list[tuple[str, list[tuple[int, Option]]]]:
    puts = sorted((o for o in options if not o.call), key=lambda o: o.strike)
    calls = sorted((o for o in options if o.call), key=lambda o: o.strike)
    found = []
    for name, sign in (("iron_condor", 1), ("reverse_iron_condor", -1)):
        for (k1, k2), (k3, k4) in (
            (p, c) for p in combinations(puts, 2) for c in combinations(calls, 2) if p[1].strike < c[0].strike
        ):
            found.append((name, [(sign, k1), (-sign, k2), (-sign, k3), (sign, k4)]))
    return found


def _date(instant: float):
    return datetime.fromtimestamp(instant, NEW_YORK).date()
