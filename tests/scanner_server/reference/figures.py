"""Every figure of a spread and its score, from its quotes and one expiration of a surface."""

import math

import numpy as np

from tests.scanner_server.reference.expiry import Expiry, Option, new_york_date
from tests.scanner_server.reference.payoff import expectation, intervals, zeros

WEIGHTS = (0.25, 0.20, 0.15, 0.10, 0.10, 0.05, 0.05, 0.05, 0.05)


def ratio(top: float, bottom: float) -> float:
    if bottom == 0 or math.isnan(bottom) or (math.isinf(top) and math.isinf(bottom)):
        return math.nan
    return 0.0 if math.isinf(bottom) else top / bottom


def liquidity(option: Option) -> float:
    def known(value: float) -> float:
        return 0.0 if math.isnan(value) else value

    tight = max(0, 1 - (option.ask - option.bid) / option.mid / 0.10)
    return min(1, known(option.open_interest) / 1000) / 2 + min(1, known(option.volume) / 100) / 4 + tight / 4


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
    """Every figure of a spread; legs are (quantity, option) of one expiration, or the share at strike 0."""
    options = [(q, o) for q, o in legs if o.strike > 0]
    f: dict[str, float] = {}
    f["net_mid"] = sum(q * o.mid for q, o in legs)
    f["net_natural"] = sum(q * (o.ask if q > 0 else o.bid) for q, o in legs)
    f["fill_price"] = fill = f["net_mid"] + slippage * (f["net_natural"] - f["net_mid"])
    f["fee"] = commission * sum(abs(q) for q, _ in options)
    f["days_to_expiration"] = (new_york_date(options[0][1].expires_at) - new_york_date(expiry.now)).days
    f["expected_move"] = expiry.spot * expiry.deviation
    spans = [
        max(o.strike for o in of) - min(o.strike for o in of)
        for of in ([o for _, o in options if o.call], [o for _, o in options if not o.call])
        if of
    ]
    f["width"] = max(spans)
    f["width_to_expected_move"] = ratio(f["width"], f["expected_move"])
    f["quote_age"] = max(expiry.now - o.quote_time for _, o in legs)
    f["liquidity"] = min(liquidity(o) for _, o in options)

    def profit(share: float) -> float:
        return sum(q * o.payoff(share) for q, o in legs) - fill

    kinks = sorted({o.strike for _, o in options})
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
    shares = sum(q for q, o in legs if o.strike == 0)
    greeks = sum(q * expiry.greeks(o) for q, o in options) + shares * np.array([1, 0, 0, 0, 0])
    f |= dict(zip(("delta", "gamma", "vega", "theta", "rho"), greeks, strict=True))
    f["theta_vega_ratio"] = ratio(f["theta"], f["vega"])
    sold, bought = [(-q, o) for q, o in options if q < 0], [(q, o) for q, o in options if q > 0]
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
        else min(sum(max(0, expiry.above(a) - expiry.above(b)) for a, b in inside), 1.0)
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


def score(f: dict[str, float], legs: list[tuple[int, Option]], expiry: Expiry) -> tuple[float, list[float]]:
    """Score under the balanced weights and its parts."""
    risk = f["max_loss"] if math.isfinite(f["max_loss"]) else 0.2 * expiry.spot
    p, rho, y = f["probability_of_profit"], f["average_gain"] / risk, f["theta"] / (0.01 * risk)
    options = [(q, o) for q, o in legs if o.strike > 0]
    sold = f["sold_implied_volatility"] if any(q < 0 for q, _ in options) else expiry.atm
    bought = f["bought_implied_volatility"] if any(q > 0 for q, _ in options) else expiry.atm
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
