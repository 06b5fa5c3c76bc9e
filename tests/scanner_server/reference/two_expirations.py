"""Figures of a spread over two expirations, slowly: QuantLib, a dense grid, root finding, quadrature."""

import math
from itertools import pairwise

import numpy as np
import QuantLib
from scipy.integrate import quad
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import norm

from tests.scanner_server.reference.expiry import Expiry, Option
from tests.scanner_server.reference.figures import ratio

POINTS = 2001
REACH = 6.0

Legs = list[tuple[int, Option]]


class Spread:
    """A spread as it stands at the near expiration."""

    def __init__(self, legs: Legs, near: Expiry, far: Expiry) -> None:
        self.near = near
        until = min(o.expires_at for _, o in legs)
        self.near_legs = [(q, o) for q, o in legs if o.expires_at == until]
        self.far_legs = [(q, o, self.deviation(o, far)) for q, o in legs if o.expires_at > until]
        self.carry, self.discount = far.forward / near.forward, near.growth / far.growth
        self.net_calls = sum(q for q, o in legs if o.call)
        self.strikes = sorted({o.strike for _, o in legs})
        self.is_priced = not any(math.isnan(v) for _, _, v in self.far_legs)

    def deviation(self, option: Option, far: Expiry) -> float:
        near_iv = self.near.smile(math.log(option.strike / self.near.forward))
        variance = far.iv(option) ** 2 * far.years - near_iv**2 * self.near.years
        return math.sqrt(variance) if variance > 0 else math.nan

    def value(self, share: float) -> float:
        near = sum(q * o.payoff(share) for q, o in self.near_legs)
        return near + sum(
            q
            * QuantLib.blackFormula(
                QuantLib.Option.Call if o.call else QuantLib.Option.Put,
                o.strike,
                share * self.carry,
                deviation,
                self.discount,
            )
            for q, o, deviation in self.far_legs
        )

    def grid(self) -> list[float]:
        """Where extremes and breakevens are sought: the range of six deviations, and the strikes."""
        reach = math.exp(REACH * self.near.deviation)
        low = min(self.near.forward / reach, *self.strikes)
        high = max(self.near.forward * reach, *self.strikes)
        return sorted({*np.geomspace(low, high, POINTS).tolist(), low, high, *self.strikes})

    def largest(self, sign: int) -> float:
        """The largest value, or with sign -1 the largest of its negative, between the ends of the grid."""
        grid = self.grid()
        best = max(range(len(grid)), key=lambda i: sign * self.value(grid[i]))
        ends = (grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)])
        refined = minimize_scalar(
            lambda s: -sign * self.value(s), bounds=ends, method="bounded", options={"xatol": 1e-9}
        )
        return max(sign * self.value(grid[best]), -refined.fun)

    def crossings(self, level: float) -> list[float]:
        """Where the value crosses a level, ascending."""
        values = [(share, self.value(share) - level) for share in self.grid()]
        return [
            brentq(lambda s: self.value(s) - level, a, b, xtol=1e-12, rtol=1e-14)
            for (a, at_a), (b, at_b) in pairwise(values)
            if (at_a > 0) != (at_b > 0)
        ]

    def expectation(self, of, deviation: float, cuts: list[float]) -> float:
        """E[of(S)] within six deviations of the near forward, S lognormal around it, between the cuts."""
        bends = [o.strike / self.carry for _, o, _ in self.far_legs]
        zs = sorted(math.log(c / self.near.forward) / deviation + deviation / 2 for c in [*cuts, *bends])
        low, high = deviation / 2 - REACH, deviation / 2 + REACH
        zs = [low, *(z for z in zs if low < z < high), high]

        def integrand(z: float) -> float:
            return of(self.near.forward * math.exp(deviation * z - deviation**2 / 2)) * norm.pdf(z)

        return sum(quad(integrand, a, b, epsabs=1e-10, epsrel=1e-9)[0] for a, b in pairwise(zs))


def two_expiration_figures(
    legs: Legs, near: Expiry, far: Expiry, fill: float, *, fee: float, forecast: float | None = None
) -> tuple[dict[str, float], list[float]]:
    """The figures that stand on the payoff, and the breakevens; legs are (quantity, option)."""
    spread = Spread(legs, near, far)
    if not spread.is_priced:
        return {}, []
    f = {
        "max_profit": math.inf if spread.net_calls > 0 else spread.largest(1) - fill,
        "max_loss": math.inf if spread.net_calls < 0 else spread.largest(-1) + fill,
    }
    f["return_on_risk"] = ratio(f["max_profit"], f["max_loss"])
    f["annualized_return_on_risk"] = f["return_on_risk"] / max(near.years, 1 / 365)
    f["max_profit_cash"] = 100 * f["max_profit"] - fee
    f["max_loss_cash"] = 100 * f["max_loss"] + fee
    f["return_on_risk_after_commission"] = ratio(f["max_profit_cash"], f["max_loss_cash"])

    edges = spread.crossings(fill)
    f["breakeven_distance"] = min(
        (abs(math.log(b / near.forward)) / near.deviation for b in edges), default=math.nan
    )
    bounds = [0.0, *edges, math.inf]
    first_is_inside = spread.value(spread.grid()[0]) > fill
    inside = list(pairwise(bounds))[0 if first_is_inside else 1 :: 2]
    total = sum(max(0, near.above(a) - near.above(b)) for a, b in inside)
    f["probability_of_profit"] = min(total, 1.0)

    deviation = (near.atm if forecast is None else forecast) * math.sqrt(near.years)
    cost = near.growth * fill
    cuts = [*spread.strikes, *spread.crossings(cost)]
    gain = spread.expectation(lambda s: max(spread.value(s) - cost, 0), deviation, cuts)
    loss = spread.expectation(lambda s: max(cost - spread.value(s), 0), deviation, cuts)
    chance = spread.expectation(lambda s: float(spread.value(s) > cost), deviation, cuts)
    f["expected_gain"], f["expected_loss"] = gain, loss
    f["expected_value"] = ev = gain - loss
    f["average_gain"] = ratio(gain, chance)
    f["margin_efficiency"] = ratio(ev, f["max_loss"])
    f["kelly_fraction"] = min(max(ratio(ev, f["max_profit"]), 0), 1)
    f["expected_value_cash"] = 100 * ev - fee
    return f, edges


def simulated(spread: Spread, cost: float, deviation: float, paths: int, seed: int) -> tuple[float, float]:
    """Mean of value - cost over paths drawn, and its standard error."""
    z = np.random.default_rng(seed).standard_normal(paths)
    shares = spread.near.forward * np.exp(deviation * z - deviation**2 / 2)
    profits = np.array([spread.value(share) - cost for share in shares.tolist()])
    return float(profits.mean()), float(profits.std() / math.sqrt(paths))
