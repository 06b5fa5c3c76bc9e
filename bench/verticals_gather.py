"""The obvious way in NumPy: all pairs of indices, every column gathered by them, every figure an array."""

import numpy as np
import numpy.typing as npt
from scipy.special import erfc

from bench.scan_market import Market
from bench.verticals_c import FIGURES, VERTICAL, Verticals, balanced, expiry_records
from scanner_server.columns import Floats, Ints

Records = npt.NDArray[np.void]


def cdf(x: Floats) -> Floats:
    """Standard normal probability below x."""
    result: Floats = 0.5 * erfc(-x * np.sqrt(0.5))
    return result


def gather_scan(market: Market, *, slippage: float, limit: int | None) -> Verticals:
    """The best verticals of the market, or all of them in order; NaN figures count nothing."""
    expiries = expiry_records(market)
    found = [
        figures_of(market, expiries[e], e, lower, upper, q, slippage, strategy)
        for e in range(len(expiries))
        for lower, upper, q, strategy in pairs(expiries[e])
    ]
    best = np.concatenate(found)
    order = np.lexsort((best["upper"], best["lower"], best["max_loss"], -best["score"]))
    return best[order[:limit]]


def pairs(expiry: Records) -> list[tuple[Ints, Ints, float, int]]:
    """Lower and upper rows of each right, and the quantity of the lower leg in both directions."""
    made = []
    for side in range(2):
        first, end = expiry["rows"][2 * side : 2 * side + 2]
        lower, upper = np.triu_indices(end - first, k=1)
        made += [(lower + first, upper + first, q, 2 * side + k) for k, q in enumerate((1.0, -1.0))]
    return made


def smile_iv(market: Market, expiry: Records, x: Floats) -> Floats:
    """Volatility at log-moneyness x, flat beyond the ends."""
    knots = slice(expiry["first_knot"], expiry["end_knot"])
    at, iv, cubic = market.surface.knot_x[knots], market.surface.knot_iv[knots], market.surface.cubic[knots]
    low = np.clip(np.searchsorted(at, x, side="right") - 1, 0, len(at) - 2)
    u, c = x - at[low], cubic[low]
    inside = ((c[:, 0] * u + c[:, 1]) * u + c[:, 2]) * u + c[:, 3]
    curve: Floats = np.where(x <= at[0], iv[0], np.where(x >= at[-1], iv[-1], inside))
    return curve


def probability_above(market: Market, expiry: Records, price: Floats) -> Floats:
    """P(S_T > price) with the skew."""
    x, h = np.log(price / expiry["forward"]), 0.5 * expiry["deviation"]
    deviation = smile_iv(market, expiry, x) * expiry["root"]
    slope = (smile_iv(market, expiry, x + h) - smile_iv(market, expiry, x - h)) / (2 * h)
    d2 = -x / deviation - 0.5 * deviation
    density = np.exp(-0.5 * d2 * d2) / np.sqrt(2 * np.pi)
    above: Floats = np.clip(cdf(d2) - density * expiry["root"] * slope, 0, 1)
    return above


def tails(expiry: Records, price: Floats) -> tuple[Floats, Floats]:
    """E[S; S > price] / F and P(S > price)."""
    d2 = np.log(expiry["forward"] / price) / expiry["deviation"] - 0.5 * expiry["deviation"]
    return cdf(d2 + expiry["deviation"]), cdf(d2)


def average_gain(expiry: Records, k1: Floats, k2: Floats, q: float, at0: Floats, at1: Floats) -> Floats:
    """E[profit; profit > 0] / P(profit > 0), at0 below the lower strike, at1 above the upper."""
    share1, tail1 = tails(expiry, k1)
    share2, tail2 = tails(expiry, k2)
    crossing = np.clip(k1 - at0 / q, k1, k2)
    share, tail = tails(expiry, crossing)
    from_share, from_tail = np.where(at0 < 0, share, share1), np.where(at0 < 0, tail, tail1)
    to_share, to_tail = np.where(at1 < 0, share, share2), np.where(at1 < 0, tail, tail2)
    between = np.where((at0 > 0) | (at1 > 0), from_tail - to_tail, 0)
    probability = between + np.where(at0 > 0, 1 - tail1, 0) + np.where(at1 > 0, tail2, 0)
    gain = (at0 - q * k1) * between + q * expiry["forward"] * np.where(between > 0, from_share - to_share, 0)
    gain += np.where(at0 > 0, at0 * (1 - tail1), 0) + np.where(at1 > 0, at1 * tail2, 0)
    average: Floats = np.maximum(gain, 0) / probability
    return average


def figures_of(
    market: Market,
    expiry: Records,
    number: int,
    lower: Ints,
    upper: Ints,
    q: float,
    slippage: float,
    strategy: int,
) -> Verticals:
    """Every vertical of one direction with a profit and a risk, scored."""
    quotes, legs, strike = market.quotes, market.columns, market.chain.strike
    k1, k2 = strike[lower], strike[upper]
    mid = q * (legs["mid"][lower] - legs["mid"][upper])
    bought, sold = (lower, upper) if q > 0 else (upper, lower)
    fill = mid + slippage * (quotes.ask[bought] - quotes.bid[sold] - mid)
    at0 = np.zeros(len(k1)) if strategy < 2 else -q * (k2 - k1)
    at1 = at0 + q * (k2 - k1)
    profit, risk = np.maximum(at0, at1) - fill, fill - np.minimum(at0, at1)
    above = probability_above(market, expiry, k1 - (at0 - fill) / q)
    p = np.where(at0 > fill, 1 - above, above)
    cost = expiry["growth"] * fill
    gain = average_gain(expiry, k1, k2, q, at0 - cost, at1 - cost)
    delta, vega, theta = (q * (c[lower] - c[upper]) for c in (legs["delta"], legs["vega"], legs["theta"]))
    y = theta / (0.01 * risk)
    z = np.log((profit + risk) / (0.25 * market.surface.spot * expiry["deviation"])) / 0.8
    day_move = market.surface.spot * expiry["atm_iv"] * np.sqrt(1 / 365)
    skew = 0.5 + 2.5 * q * (legs["iv"][upper] - legs["iv"][lower]) / expiry["atm_iv"]
    parts = (
        p * p * (3 - 2 * p),
        gain / risk / (gain / risk + 1 / 3),
        np.minimum(legs["liquidity"][lower], legs["liquidity"][upper]),
        1 / (1 + np.abs(delta) * day_move / (0.25 * risk)),
        0.5 * (1 + y / (1 + np.abs(y))),
        1 / (1 + np.abs(vega) / (0.05 * risk)),
        np.clip(np.nan_to_num(skew), 0, 1),
        np.exp(-0.5 * z * z),
        np.full(len(k1), expiry["time_decay"]),
    )
    score = sum(weight * np.nan_to_num(part) for weight, part in zip(balanced(), parts, strict=True))
    rows = np.empty(len(k1), VERTICAL)
    for name, column in zip(FIGURES, (score, profit, risk, p, gain), strict=True):
        rows[name] = column
    rows["lower"], rows["upper"], rows["strategy"] = lower, upper, strategy
    return rows[(profit > 1e-9) & (risk > 1e-9)]
