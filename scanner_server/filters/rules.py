"""The filters on whole candidates, in the form and order in which compiled loops apply them."""

import math
from typing import NamedTuple

import numpy as np

from scanner_server.columns import Floats, Ints, Records, Rows, compiled
from scanner_server.figures.cheap import FILL_PRICE, MAX_LOSS, MAX_PROFIT
from scanner_server.figures.costly import BREAKEVEN_DISTANCE
from scanner_server.figures.table import FIGURE_INDEX, FIGURE_NAMES
from scanner_server.filters.spec import ScanSpec
from scanner_server.score.weights import COMPONENTS

# A candidate counts under the first of these that turns it away: three of their own among the ranges on
# figures, which are in table order, and at last a rank that is absent.
FILTERS: tuple[str, ...] = (
    "short_delta",
    *FIGURE_NAMES[:MAX_PROFIT],
    "no_profit",
    "no_risk",
    *FIGURE_NAMES[MAX_PROFIT:],
    "no_rank",
)
PASSED = -1
NO_RANK = len(FILTERS) - 1
_SHORT_DELTA, _NO_PROFIT, _NO_RISK = (FILTERS.index(name) for name in ("short_delta", "no_profit", "no_risk"))
_PLACE = np.array([FILTERS.index(name) for name in FIGURE_NAMES])
# No profit and no risk are not above this, USD per share.
SMALLEST = 1e-9
# Contracts were already chosen by them.
_ON_CONTRACTS = {"days_to_expiration"}


class Rules(NamedTuple):
    """The bounds and weights of a spec, as columns in the order of `FIGURES` and `COMPONENTS`.

    Attributes:
        credit_short_delta: upper bound on |delta| of the short legs of credit spreads.
        lower: per figure; shape (figures,).
        upper: per figure; shape (figures,).
        quoted: indices of the bounded figures before max_profit, ascending.
        payoff: of those before breakeven_distance, ascending.
        costly: of the others, ascending.
        weights: per component, their sum is 1; shape (components,).
        rank_figure: index of the figure ranked by, -1 for the score; the largest is the best.
    """

    credit_short_delta: float
    lower: Floats
    upper: Floats
    quoted: Ints
    payoff: Ints
    costly: Ints
    weights: Floats
    rank_figure: int


def rules_of(spec: ScanSpec) -> Rules:
    """The rules of a spec."""
    bounds = np.array([spec.bounds(name) for name in FIGURE_NAMES])
    if not spec.include_undefined_risk:
        bounds[FIGURE_INDEX["undefined_risk"], 1] = 0.0
    bounded = np.flatnonzero(np.isfinite(bounds).any(axis=1))
    bounded = bounded[[FIGURE_NAMES[i] not in _ON_CONTRACTS for i in bounded]]
    weights = np.array([spec.weights.get(name, 0.0) for name in COMPONENTS])
    return Rules(
        credit_short_delta=spec.credit_short_delta,
        lower=np.ascontiguousarray(bounds[:, 0]),
        upper=np.ascontiguousarray(bounds[:, 1]),
        quoted=bounded[bounded < MAX_PROFIT],
        payoff=bounded[(bounded >= MAX_PROFIT) & (bounded < BREAKEVEN_DISTANCE)],
        costly=bounded[bounded >= BREAKEVEN_DISTANCE],
        weights=weights / weights.sum(),
        rank_figure=-1 if spec.rank_by == "score" else FIGURE_INDEX[spec.rank_by],
    )


@compiled
def quote_failure(rules: Rules, legs: Records, rows: Rows, quantities: Floats, f: Floats) -> int:
    """Index of the first filter that turns away a candidate with its figures before max_profit, or PASSED."""
    if f[FILL_PRICE] < 0 and rules.credit_short_delta < math.inf:
        for k in range(len(rows)):
            if quantities[k] < 0 and not abs(legs[rows[k]].delta) <= rules.credit_short_delta:
                return _SHORT_DELTA
    return range_failure(rules, rules.quoted, f)


@compiled
def payoff_failure(rules: Rules, f: Floats) -> int:
    """The same after it, with its figures before breakeven_distance."""
    if not f[MAX_PROFIT] > SMALLEST:
        return _NO_PROFIT
    if not f[MAX_LOSS] > SMALLEST:
        return _NO_RISK
    return range_failure(rules, rules.payoff, f)


@compiled
def range_failure(rules: Rules, bounded: Ints, f: Floats) -> int:
    """Index of the first range in `bounded` that f is outside of, or PASSED; NaN is outside."""
    for i in bounded:
        if not rules.lower[i] <= f[i] <= rules.upper[i]:
            return int(_PLACE[i])
    return PASSED
