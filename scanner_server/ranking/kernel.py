"""The compiled pass over candidates: figures, filters, score, rank."""

import math
from typing import NamedTuple

import numpy as np

from scanner_server.columns import Floats, Ints, Rows, compiled
from scanner_server.figures.cheap import EXPECTED_MOVE, FILL_PRICE, MAX_LOSS, MAX_PROFIT, quote_figures
from scanner_server.figures.costly import AVERAGE_GAIN, PROBABILITY_OF_PROFIT
from scanner_server.figures.inputs import Inputs, near_expiry
from scanner_server.figures.spread import (
    BREAKEVENS,
    fill_expectation_figures,
    fill_probability_figures,
    fill_profit_figures,
    has_two_expirations,
)
from scanner_server.figures.table import FIGURES
from scanner_server.filters.rules import NO_RANK, PASSED, Rules, payoff_failure, quote_failure, range_failure
from scanner_server.ranking.top_k import TopK, least, offer
from scanner_server.score.components import (
    at_risk,
    cheap_parts,
    probability_part,
    return_part,
    score_parts,
    width_part,
)
from scanner_server.score.weights import COMPONENTS

_ROUNDING = 1e-12


class Details(NamedTuple):
    """Everything about listed candidates, NaN = absent.

    Attributes:
        figures: shape (k, figures).
        parts: score components; shape (k, components).
        breakevens: ascending; shape (k, BREAKEVENS).
    """

    figures: Floats
    parts: Floats
    breakevens: Floats


def blank_details(count: int) -> Details:
    """Details of `count` candidates, all absent."""
    widths = (len(FIGURES), len(COMPONENTS), BREAKEVENS)
    return Details(*(np.full((count, width), np.nan) for width in widths))


class Pass(NamedTuple):
    """One pass over candidates.

    Attributes:
        inputs: the market and the terms.
        rules: filters and weights.
        top: the best so far, changed in place.
        turned_away: candidates per filter, in the order of `FILTERS`, counted up in place.
        work: details of one candidate, to compute in.
    """

    inputs: Inputs
    rules: Rules
    top: TopK
    turned_away: Ints
    work: Details


@compiled
def rank_block(run: Pass, strategy: int, quantities: Floats, block: Rows) -> None:
    """Offer every candidate of a block that passes the filters to the best so far.

    Args:
        run: the pass that the block belongs to.
        strategy: index of the strategy, kept with its candidates.
        quantities: contracts per leg; shape (legs,).
        block: leg rows; shape (b, legs).
    """
    f = run.work.figures[0]
    for i in range(len(block)):
        rows = block[i]
        quote_figures(run.inputs, rows, quantities, f)
        failure = quote_failure(run.rules, run.inputs.legs, rows, quantities, f)
        if failure == PASSED:
            fill_profit_figures(run.inputs, rows, quantities, f)
            failure = payoff_failure(run.rules, f)
        if failure == PASSED:
            failure = _rank(run, strategy, quantities, rows)
        if failure != PASSED:
            run.turned_away[failure] += 1


@compiled
def _rank(run: Pass, strategy: int, quantities: Floats, rows: Rows) -> int:
    """Offer a candidate whose payoff passed; returns what turns it away, or PASSED.

    From cheap to costly, each component of the score stands at the most that it can be until it is known; a
    candidate that is below the worst of the best even so is left at that.
    """
    inputs, rules, spot = run.inputs, run.rules, run.inputs.terms.spot
    f, parts = run.work.figures[0], run.work.parts[0]
    risk = at_risk(f[MAX_LOSS], spot)
    # A debit grows until expiration: a small profit may be none by then. No gain is negative.
    most = max(f[MAX_PROFIT] + f[FILL_PRICE] * (1 - near_expiry(inputs, rows).growth), 0.0)
    cheap_parts(inputs, rows, quantities, f, parts)
    parts[0] = parts[7] = 1.0
    is_bound = most < math.inf and not has_two_expirations(inputs, rows)
    parts[1] = return_part(most, risk) if is_bound else 1.0
    if _is_outranked(run, parts):
        return PASSED
    parts[7] = width_part(f[MAX_PROFIT] + f[MAX_LOSS], f[EXPECTED_MOVE])
    fill_probability_figures(inputs, rows, quantities, f, run.work.breakevens[0])
    parts[0] = probability_part(f[PROBABILITY_OF_PROFIT])
    if _is_outranked(run, parts):
        return PASSED
    fill_expectation_figures(inputs, rows, quantities, f)
    parts[1] = return_part(f[AVERAGE_GAIN], risk)
    failure = range_failure(rules, rules.costly, f)
    value = float(f[rules.rank_figure]) if rules.rank_figure >= 0 else weighted(parts, rules.weights)
    if failure == PASSED and math.isnan(value):
        failure = NO_RANK
    if failure == PASSED:
        offer(run.top, value, f[MAX_LOSS], strategy, rows)
    return failure


@compiled
def _is_outranked(run: Pass, parts: Floats) -> bool:
    """Whether a score of these components is below the worst of the best.

    Only where nothing costly filters is that enough to know how the candidate counts.
    """
    rules = run.rules
    if rules.rank_figure >= 0 or len(rules.costly) > 0:
        return False
    return bool(weighted(parts, rules.weights) + _ROUNDING < least(run.top))


@compiled
def weighted(parts: Floats, weights: Floats) -> float:
    """The score of components under weights whose sum is 1."""
    score = 0.0
    for k in range(len(parts)):
        score += weights[k] * parts[k]
    return score


@compiled
def describe(inputs: Inputs, rows: Rows, quantities: Floats, details: Details) -> None:
    """Fill the details of candidates with the functions that ranked them.

    Args:
        inputs: the market and the terms.
        rows: leg rows, -1 beyond the last leg; shape (k, MOST_LEGS).
        quantities: contracts per leg; shape (k, MOST_LEGS).
        details: filled in place.
    """
    for i in range(len(rows)):
        legs = 0
        while legs < len(rows[i]) and rows[i, legs] >= 0:
            legs += 1
        of, q, f = rows[i, :legs], quantities[i, :legs], details.figures[i]
        quote_figures(inputs, of, q, f)
        fill_profit_figures(inputs, of, q, f)
        fill_probability_figures(inputs, of, q, f, details.breakevens[i])
        fill_expectation_figures(inputs, of, q, f)
        score_parts(inputs, of, q, f, details.parts[i])
