"""The compiled pass over candidates: figures, filters, score, rank."""

import math
from typing import NamedTuple

import numpy as np

from scanner_server.columns import Floats, Ints, Rows, compiled
from scanner_server.figures.cheap import MAX_LOSS, cheap_figures
from scanner_server.figures.costly import costly_figures
from scanner_server.figures.inputs import Inputs
from scanner_server.figures.payoff import MOST_BREAKEVENS
from scanner_server.figures.table import FIGURES
from scanner_server.filters.rules import NO_RANK, PASSED, Rules, cheap_failure, range_failure
from scanner_server.ranking.top_k import TopK, offer
from scanner_server.score.components import score_parts
from scanner_server.score.weights import COMPONENTS


class Details(NamedTuple):
    """Everything about listed candidates, NaN = absent.

    Attributes:
        figures: shape (k, figures).
        parts: score components; shape (k, components).
        breakevens: ascending; shape (k, MOST_BREAKEVENS).
    """

    figures: Floats
    parts: Floats
    breakevens: Floats


def blank_details(count: int) -> Details:
    """Details of `count` candidates, all absent."""
    widths = (len(FIGURES), len(COMPONENTS), MOST_BREAKEVENS)
    return Details(*(np.full((count, width), np.nan) for width in widths))


@compiled
def rank_block(
    inputs: Inputs,
    rules: Rules,
    top: TopK,
    turned_away: Ints,
    strategy: int,
    quantities: Floats,
    block: Rows,
    work: Details,
) -> None:
    """Offer every candidate of a block that passes the filters to `top`.

    Args:
        inputs: the market and the terms.
        rules: filters and weights.
        top: the best so far, changed in place.
        turned_away: candidates per filter, in the order of `FILTERS`, counted up in place.
        strategy: index of the strategy, kept with its candidates.
        quantities: contracts per leg; shape (legs,).
        block: leg rows; shape (b, legs).
        work: details of one candidate, to compute in.
    """
    f, parts, found = work.figures[0], work.parts[0], work.breakevens[0]
    for i in range(len(block)):
        rows = block[i]
        cheap_figures(inputs, rows, quantities, f)
        failure = cheap_failure(rules, inputs.legs, rows, quantities, f)
        if failure == PASSED:
            costly_figures(inputs, rows, quantities, f, found)
            failure = range_failure(rules, rules.costly, f)
        if failure == PASSED:
            value = rules.rank_sign * _rank_value(inputs, rules, rows, quantities, f, parts)
            if math.isnan(value):
                failure = NO_RANK
            else:
                offer(top, value, f[MAX_LOSS], strategy, rows)
        if failure != PASSED:
            turned_away[failure] += 1


@compiled
def _rank_value(
    inputs: Inputs, rules: Rules, rows: Rows, quantities: Floats, f: Floats, parts: Floats
) -> float:
    if rules.rank_figure >= 0:
        return float(f[rules.rank_figure])
    score_parts(f, quantities, inputs.terms.spot, inputs.expiries[inputs.expiry_of[rows[0]]], parts)
    return weighted(parts, rules.weights)


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
        cheap_figures(inputs, of, q, f)
        costly_figures(inputs, of, q, f, details.breakevens[i])
        expiry = inputs.expiries[inputs.expiry_of[of[0]]]
        score_parts(f, q, inputs.terms.spot, expiry, details.parts[i])
