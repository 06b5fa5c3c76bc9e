"""Every figure of a ranking computed again, from nothing but the quotes and the surface in the answer.

Written from docs/scanning.md with QuantLib for prices, volatilities and greeks, and SciPy for the smile and
the integrals; shares no code with the scanner. Candidates are as in protobuf's JSON, of one expiration.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import QuantLib as ql  # noqa: N813 - as its own manual calls it
from scipy.integrate import quad
from scipy.interpolate import PchipInterpolator
from scipy.optimize import brentq
from scipy.stats import norm

Json = dict[str, Any]
WEIGHTS = {
    "probability_of_profit": 0.25,
    "return_on_risk": 0.20,
    "liquidity": 0.15,
    "delta": 0.10,
    "theta": 0.10,
    "vega": 0.05,
    "implied_volatility": 0.05,
    "width": 0.05,
    "time_decay": 0.05,
}


@dataclass(frozen=True)
class Expiration:
    """One expiration of the surface."""

    spot: float
    rate: float
    years: float
    forward: float
    atm: float
    smile: Callable[[float], float]

    @property
    def days(self) -> float:
        return max(365.0 * self.years, 1.0)

    @property
    def one_sigma(self) -> float:
        return self.atm * math.sqrt(self.years)

    def probability_above(self, price: float) -> float:
        """Skew-corrected: the digital is the strike derivative of the call."""
        if price <= 0.0:
            return 1.0
        if math.isinf(price):
            return 0.0
        x = math.log(price / self.forward)
        sigma, root = self.smile(x), math.sqrt(self.years)
        half = 0.5 * self.one_sigma
        slope = (self.smile(x + half) - self.smile(x - half)) / (2.0 * half)
        d2 = (-x - 0.5 * sigma**2 * self.years) / (sigma * root)
        return float(min(1.0, max(0.0, norm.cdf(d2) - norm.pdf(d2) * root * slope)))


def expiration_of(surface: Json, date: str) -> Expiration:
    """The surface at one expiration."""
    found = next(each for each in surface["expirations"] if each["expiration"] == date)
    x, sigma = np.array(found["smile_x"]), np.array(found["smile_volatility"])
    curve = PchipInterpolator(x, sigma)
    return Expiration(
        spot=surface["spot"],
        rate=surface["rate"],
        years=found["years"],
        forward=found["forward"],
        atm=float(curve(np.clip(0.0, x[0], x[-1]))),
        smile=lambda at: float(curve(np.clip(at, x[0], x[-1]))),
    )


def leg_figures(leg: Json, at: Expiration) -> dict[str, float]:
    """Mid, implied volatility and greeks of one option held long."""
    mid = (leg["bid"] + leg["ask"]) / 2.0
    kind = ql.Option.Call if leg["right"] == "RIGHT_CALL" else ql.Option.Put
    discount = math.exp(-at.rate * at.years)
    deviation = ql.blackFormulaImpliedStdDev(
        kind, leg["strike"], at.forward, mid, discount, 0.0, 0.2 * math.sqrt(at.years), 1e-15, 1000
    )
    black = ql.BlackCalculator(ql.PlainVanillaPayoff(kind, leg["strike"]), at.forward, deviation, discount)
    return {
        "mid": mid,
        "implied_volatility": deviation / math.sqrt(at.years),
        "delta": black.delta(at.spot),
        "gamma": black.gamma(at.spot),
        "vega": black.vega(at.years) / 100.0,
        "theta": black.theta(at.spot, at.years) / 365.0,
        "rho": black.rho(at.years) / 100.0,
    }


def leg_liquidity(leg: Json) -> float:
    """Open interest, volume and width of a quote, from 0 to 1."""
    width = (leg["ask"] - leg["bid"]) / ((leg["bid"] + leg["ask"]) / 2.0)
    return float(
        0.5 * min(1.0, leg.get("open_interest", 0.0) / 1000.0)
        + 0.25 * min(1.0, leg.get("volume", 0.0) / 100.0)
        + 0.25 * max(0.0, 1.0 - width / 0.10)
    )


def payoff(legs: list[Json], price: float) -> float:
    """Value of the legs at expiration, per share."""
    return float(
        sum(
            leg["quantity"]
            * max(price - leg["strike"] if leg["right"] == "RIGHT_CALL" else leg["strike"] - price, 0.0)
            for leg in legs
        )
    )


def crossings(legs: list[Json], cost: float) -> list[float]:
    """Where the payoff passes `cost`, by root finding between the strikes."""
    strikes = sorted({leg["strike"] for leg in legs})
    points = [1e-9, *strikes, strikes[-1] * 10.0]
    found = []
    for low, high in pairwise(points):
        below, above = payoff(legs, low) - cost, payoff(legs, high) - cost
        if below * above < 0:
            found.append(brentq(lambda s: payoff(legs, s) - cost, low, high, xtol=1e-13, rtol=1e-15))
    return found


def probability_of_gain(legs: list[Json], cost: float, above: Callable[[float], float]) -> float:
    """Sum over the intervals where the payoff exceeds `cost`, none of them below zero."""
    bounds = [0.0, *crossings(legs, cost), math.inf]
    total = 0.0
    for low, high in pairwise(bounds):
        middle = (low + high) / 2.0 if math.isfinite(high) else low * 2.0 + 1.0
        if payoff(legs, middle) > cost:
            total += max(0.0, above(low) - above(high))
    return total


def expectations(legs: list[Json], fill: float, at: Expiration, sigma: float) -> dict[str, float]:
    """Gain and loss of the financed profit by numerical integration over the lognormal density."""
    cost = fill * math.exp(at.rate * at.years)
    deviation = sigma * math.sqrt(at.years)

    def price(z: float) -> float:
        return at.forward * math.exp(deviation * z - deviation**2 / 2.0)

    def place(s: float) -> float:
        return (math.log(s / at.forward) + deviation**2 / 2.0) / deviation

    breaks = sorted(place(s) for s in {leg["strike"] for leg in legs} | set(crossings(legs, cost)))
    edges = [-12.0, *[z for z in breaks if -12.0 < z < 12.0], 12.0]
    gain = loss = 0.0
    for low, high in pairwise(edges):
        gain += quad(
            lambda z: max(payoff(legs, price(z)) - cost, 0.0) * norm.pdf(z), low, high, epsabs=1e-12
        )[0]
        loss += quad(
            lambda z: max(cost - payoff(legs, price(z)), 0.0) * norm.pdf(z), low, high, epsabs=1e-12
        )[0]
    chance = probability_of_gain(
        legs, cost, lambda s: 1.0 if s <= 0 else 0.0 if math.isinf(s) else float(norm.sf(place(s)))
    )
    return {
        "expected_value": gain - loss,
        "expected_gain": gain,
        "expected_loss": loss,
        "average_gain": gain / chance,
    }


def figures(candidate: Json, surface: Json, slippage: float = 0.25, commission: float = 0.65) -> Json:
    """Every figure of a candidate with limited risk, under its name."""
    legs = candidate["legs"]
    at = expiration_of(surface, candidate["expiration"])
    parts = [leg_figures(leg, at) for leg in legs]
    quantities = [leg["quantity"] for leg in legs]
    net_mid = sum(q * part["mid"] for q, part in zip(quantities, parts, strict=True))
    net_natural = sum(
        q * (leg["ask"] if q > 0 else leg["bid"]) for q, leg in zip(quantities, legs, strict=True)
    )
    fill = net_mid + slippage * (net_natural - net_mid)
    fee = commission * sum(map(abs, quantities))
    multiplier = legs[0]["multiplier"]
    strikes = sorted(leg["strike"] for leg in legs)
    values = [payoff(legs, s) - fill for s in [0.0, *strikes, strikes[-1] * 10.0]]
    max_profit, max_loss = max(values), -min(values)
    net = {
        name: sum(q * part[name] for q, part in zip(quantities, parts, strict=True))
        for name in ("delta", "gamma", "vega", "theta", "rho")
    }
    found = expectations(legs, fill, at, at.atm)
    cash = {
        "max_profit_cash": max_profit * multiplier - fee,
        "max_loss_cash": max_loss * multiplier + fee,
        "expected_value_cash": found["expected_value"] * multiplier - fee,
    }
    breakevens = crossings(legs, fill)
    return {
        "net_mid": net_mid,
        "net_natural": net_natural,
        "fill_price": fill,
        "fee": fee,
        "max_profit": max_profit,
        "max_loss": max_loss,
        "breakevens": breakevens,
        "return_on_risk": max_profit / max_loss,
        "return_on_risk_after_commission": cash["max_profit_cash"] / cash["max_loss_cash"],
        "annualized_return_on_risk": max_profit / max_loss * 365.0 / at.days,
        "breakeven_distance": min(abs(math.log(b / at.forward)) for b in breakevens) / at.one_sigma,
        "expected_move": at.spot * at.one_sigma,
        "width": max_profit + max_loss,
        "width_to_expected_move": (max_profit + max_loss) / (at.spot * at.one_sigma),
        "probability_of_profit": probability_of_gain(legs, fill, at.probability_above),
        "margin_efficiency": found["expected_value"] / max_loss,
        "kelly_fraction": min(1.0, max(0.0, found["expected_value"] / max_profit)),
        "theta_vega_ratio": net["theta"] / net["vega"],
        "sold_implied_volatility": _volatility(parts, quantities, -1),
        "bought_implied_volatility": _volatility(parts, quantities, +1),
        "liquidity": min(map(leg_liquidity, legs)),
        **found,
        **cash,
        **net,
    }


def score_parts(own: Json, at: Expiration) -> dict[str, float]:
    """The parts of the score, from figures as `figures` gives them."""
    risk, width = own["max_loss"], own["max_profit"] + own["max_loss"]
    p = own["probability_of_profit"]
    rho = own["average_gain"] / risk
    y = own["theta"] / (0.01 * risk)
    day_move = abs(own["delta"]) * at.spot * at.atm * math.sqrt(1.0 / 365.0)
    skew = (own["sold_implied_volatility"] - own["bought_implied_volatility"]) / at.atm
    return {
        "probability_of_profit": p * p * (3.0 - 2.0 * p),
        "return_on_risk": rho / (rho + 1.0 / 3.0),
        "liquidity": own["liquidity"],
        "delta": 1.0 / (1.0 + day_move / (0.25 * risk)),
        "theta": 0.5 * (1.0 + y / (1.0 + abs(y))),
        "vega": 1.0 / (1.0 + abs(own["vega"]) / (0.05 * risk)),
        "implied_volatility": min(1.0, max(0.0, 0.5 + 2.5 * skew)),
        "width": math.exp(-0.5 * (math.log(width / (0.25 * own["expected_move"])) / 0.8) ** 2),
        "time_decay": math.exp(-0.5 * (math.log(at.days / 35.0) / 0.7) ** 2),
    }


def score(parts: dict[str, float]) -> float:
    """The weighted mean with the balanced weights."""
    return sum(WEIGHTS[name] * part for name, part in parts.items()) / sum(WEIGHTS.values())


def _volatility(parts: list[dict[str, float]], quantities: list[int], sign: int) -> float:
    side = [
        (abs(q), part["implied_volatility"])
        for q, part in zip(quantities, parts, strict=True)
        if q * sign > 0
    ]
    return sum(q * sigma for q, sigma in side) / sum(q for q, _ in side)
