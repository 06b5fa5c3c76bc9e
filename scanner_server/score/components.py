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
    parts[0] = probability_part(f)
    parts[1] = return_part(f[AVERAGE_GAIN], at_risk(f[MAX_LOSS], inputs.terms.spot))
    parts[7] = width_part(f)


@compiled
def cheap_parts(inputs: Inputs, rows: Rows, quantities: Floats, f: Floats, parts: Floats) -> None:
    """Fill the components that stand on cheap figures alone: all but the first two and the width."""
    expiry, spot = near_expiry(inputs, rows), inputs.terms.spot
    risk = at_risk(f[MAX_LOSS], spot)
    day_move = spot * expiry.atm_iv * _DAY
    y = f[THETA] / (0.01 * risk)
    skew = 0.5 + 2.5 * _iv_gap(inputs.legs, rows, quantities, f, expiry.atm_iv) / expiry.atm_iv
    parts[2] = _present(f[LIQUIDITY])
    parts[3] = _present(1 / (1 + abs(f[DELTA]) * day_move / (0.25 * risk)))
    parts[4] = _present(0.5 * (1 + y / (1 + abs(y))))
    parts[5] = _present(1 / (1 + abs(f[VEGA]) / (0.05 * risk)))
    parts[6] = min(max(_present(skew), 0.0), 1.0)
    parts[8] = expiry.time_decay


@compiled
def at_risk(max_loss: float, spot: float) -> float:
    """max_loss, or a fifth of spot where it has no bound."""
    return max_loss if max_loss < math.inf else 0.2 * spot


@compiled
def probability_part(f: Floats) -> float:
    """Of the probability of profit."""
    p = f[PROBABILITY_OF_PROFIT]
    return _present(p * p * (3 - 2 * p))


@compiled
def return_part(gain: float, risk: float) -> float:
    """Of the average gain against what is at risk."""
    rho = gain / risk
    return _present(rho / (rho + 1 / 3))


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
def width_part(f: Floats) -> float:
    """Of the span between the largest profit and the largest loss."""
    width = f[MAX_PROFIT] + f[MAX_LOSS]
    if width == math.inf:
        return 0.5
    z = math.log(width / (0.25 * f[EXPECTED_MOVE])) / 0.8
    return _present(math.exp(-0.5 * z * z))


@compiled
def _present(value: float) -> float:
    return value if not math.isnan(value) else 0.0
