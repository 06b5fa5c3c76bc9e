"""The best candidates with everything that explains them."""

import math

import numpy as np

from scanner_server.ranking.kernel import Pass, blank_details, describe
from scanner_server.ranking.ranking import Candidate
from scanner_server.ranking.top_k import MOST_LEGS, best_first
from scanner_server.strategies.strategy import Strategy


def listed(run: Pass, strategies: tuple[Strategy, ...], limit: int) -> tuple[Candidate, ...]:
    """The best `limit` candidates of a pass, best first."""
    inputs, top = run.inputs, run.top
    order = best_first(top)[:limit]
    rows = top.rows[order]
    quantities = np.zeros((len(order), MOST_LEGS))
    of = [strategies[i] for i in top.strategy[order]]
    for i, strategy in enumerate(of):
        quantities[i, : len(strategy.legs)] = strategy.quantities
    details = blank_details(len(order))
    describe(inputs, rows, quantities, details)
    scores = (details.parts @ run.rules.weights).tolist()
    breakevens, legs = details.breakevens.tolist(), rows.tolist()
    ages = np.maximum(inputs.terms.market_time - inputs.legs["quote_time"][rows], 0).tolist()
    return tuple(
        Candidate(
            strategy=strategy.name,
            rows=tuple(legs[i][: len(strategy.legs)]),
            quantities=strategy.quantities,
            breakevens=_distinct(breakevens[i]),
            figures=details.figures[i],
            score=scores[i],
            parts=details.parts[i],
            quote_ages=tuple(ages[i][: len(strategy.legs)]),
        )
        for i, strategy in enumerate(of)
    )


def _distinct(breakevens: list[float]) -> tuple[float, ...]:
    """Without NaN, and without the repetition of a point where the profit only touches zero."""
    return tuple(dict.fromkeys(price for price in breakevens if not math.isnan(price)))
