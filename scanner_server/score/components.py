"""The score components: fixed maps of a candidate's own figures to [0, 1]; an absent figure gives 0."""

import math

from scanner_server.columns import Floats, Records, Rows, compiled
from scanner_server.figures.cheap import (
    BOUGHT_IMPLIED_VOLATILITY,
    DELTA,
    EXPECTED_MOVE,
    LIQUIDITY,
    MAX_LOSS,
    MAX_PROFIT,
    SOLD_IMPLIED_VOLATILITY,
    THETA,
    VEGA,
)
from scanner_server.figures.costly import AVERAGE_GAIN, PROBABILITY_OF_PROFIT
from scanner_server.figures.inputs import Inputs, near_expiry

_DAY = math.sqrt(1 / 365)


@compiled
def score_parts(inputs: Inputs, rows: Rows, quantities: Floats, f: Floats, parts: Floats) -> None:
    """Fill the components, in the order of `COMPONENTS`, from figures in the order of `FIGURES`.

    Args:
        inputs: the market and the terms.
        rows: legs of the candidate.
        quantities: contracts per leg, negative = sold.
        f: every figure of the candidate.
        parts: shape (components,).
    """
    cheap_parts(inputs, rows, quantities, f, parts)
    parts[0] = probability_part(f[PROBABILITY_OF_PROFIT])
    parts[1] = return_part(f[AVERAGE_GAIN], at_risk(f[MAX_LOSS], inputs.terms.spot))
    parts[7] = width_part(f[MAX_PROFIT] + f[MAX_LOSS], f[EXPECTED_MOVE])


@compiled
def cheap_parts(inputs: Inputs, rows: Rows, quantities: Floats, f: Floats, parts: Floats) -> None:
    """Fill the components that stand on cheap figures alone: all but the first two and the width."""
    expiry, spot = near_expiry(inputs, rows), inputs.terms.spot
    risk = at_risk(f[MAX_LOSS], spot)
    gap = _iv_gap(inputs.legs, rows, quantities, f, expiry.atm_iv)
    parts[2] = present(f[LIQUIDITY])
    parts[3] = delta_part(f[DELTA], risk, spot, expiry.atm_iv)
    parts[4] = theta_part(f[THETA], risk)
    parts[5] = vega_part(f[VEGA], risk)
    parts[6] = iv_part(gap, expiry.atm_iv)
    parts[8] = expiry.time_decay


@compiled
def delta_part(delta: float, risk: float, spot: float, atm_iv: float) -> float:
    """Of the loss that a day's move of the share means, against what is at risk."""
    return present(1 / (1 + abs(delta) * (spot * atm_iv * _DAY) / (0.25 * risk)))


@compiled
def theta_part(theta: float, risk: float) -> float:
    """Of a day's gain against what is at risk."""
    y = theta / (0.01 * risk)
    return present(0.5 * (1 + y / (1 + abs(y))))


@compiled
def vega_part(vega: float, risk: float) -> float:
    """Of what a point of volatility means against what is at risk."""
    return present(1 / (1 + abs(vega) / (0.05 * risk)))


@compiled
def iv_part(gap: float, atm_iv: float) -> float:
    """Of the volatility sold less that bought."""
    return min(max(present(0.5 + 2.5 * gap / atm_iv), 0.0), 1.0)


@compiled
def at_risk(max_loss: float, spot: float) -> float:
    """max_loss, or a fifth of spot where it has no bound."""
    return max_loss if max_loss < math.inf else 0.2 * spot


@compiled
def probability_part(p: float) -> float:
    """Of the probability of profit."""
    return present(p * p * (3 - 2 * p))


@compiled
def return_part(gain: float, risk: float) -> float:
    """Of the average gain against what is at risk."""
    rho = gain / risk
    return present(rho / (rho + 1 / 3))


@compiled
def _iv_gap(legs: Records, rows: Rows, quantities: Floats, f: Floats, atm_iv: float) -> float:
    """Volatility sold less volatility bought; a side without options counts as at the money."""
    sold = bought = atm_iv
    for k in range(len(rows)):
        if quantities[k] < 0:
            sold = f[SOLD_IMPLIED_VOLATILITY]
        elif legs[rows[k]].strike > 0:
            bought = f[BOUGHT_IMPLIED_VOLATILITY]
    return sold - bought


@compiled
def width_part(width: float, expected_move: float) -> float:
    """Of the span between the largest profit and the largest loss; most where it is a quarter of a move."""
    if width == math.inf:
        return 0.5
    z = math.log(width / (0.25 * expected_move)) / 0.8
    return present(math.exp(-0.5 * z * z))


@compiled
def present(value: float) -> float:
    """0 where a figure is absent."""
    return value if not math.isnan(value) else 0.0
