"""The best candidates with everything that explains them."""

import math
from collections.abc import Iterable

import numpy as np

from scanner_server.columns import Ints, Rows
from scanner_server.ranking.kernel import Pass, blank_details, describe, weighted
from scanner_server.ranking.ranking import Candidate
from scanner_server.ranking.top_k import MOST_LEGS, best_first
from scanner_server.strategies.strategy import Strategy

Key = tuple[int, tuple[int, ...]]


class Listing:
    """Describes the best of a pass, and remembers the descriptions until a leg of theirs has changed."""

    def __init__(self, strategies: tuple[Strategy, ...], limit: int) -> None:
        self._strategies = strategies
        self._limit = limit
        self._known: dict[Key, Candidate] = {}
        self._let_in = -1

    def forget(self, changed: Iterable[int]) -> None:
        """Rows whose legs have changed."""
        self._let_in = -1
        rows = set(changed)
        self._known = {
            key: candidate for key, candidate in self._known.items() if rows.isdisjoint(candidate.rows)
        }

    def forget_all(self) -> None:
        """Every leg may have changed."""
        self._let_in = -1
        self._known = {}

    def listed(self, run: Pass) -> tuple[Candidate, ...]:
        """The best candidates of a pass, best first; the same objects where nothing in them has changed."""
        top = run.top
        if int(top.size[1]) == self._let_in:
            return tuple(self._known.values())
        self._let_in = int(top.size[1])
        order = best_first(top)[: self._limit]
        keys = [
            (strategy, tuple(rows[: len(self._strategies[strategy].legs)]))
            for strategy, rows in zip(top.strategy[order].tolist(), top.rows[order].tolist(), strict=True)
        ]
        new = [place for place, key in enumerate(keys) if key not in self._known]
        for place, candidate in zip(new, self._described(run, order[new]), strict=True):
            self._known[keys[place]] = candidate
        self._known = {key: self._known[key] for key in keys}
        return tuple(self._known.values())

    def _described(self, run: Pass, slots: Ints) -> list[Candidate]:
        rows: Rows = run.top.rows[slots]
        of = [self._strategies[index] for index in run.top.strategy[slots]]
        quantities = np.zeros((len(slots), MOST_LEGS))
        for i, strategy in enumerate(of):
            quantities[i, : len(strategy.legs)] = strategy.quantities
        details = blank_details(len(slots))
        describe(run.inputs, rows, quantities, details)
        breakevens, legs = details.breakevens.tolist(), rows.tolist()
        times = run.inputs.legs["quote_time"][rows].tolist()
        return [
            Candidate(
                strategy=strategy.name,
                rows=tuple(legs[i][: len(strategy.legs)]),
                quantities=strategy.quantities,
                breakevens=_distinct(breakevens[i]),
                figures=details.figures[i],
                score=weighted(details.parts[i], run.rules.weights),
                parts=details.parts[i],
                quote_times=tuple(times[i][: len(strategy.legs)]),
            )
            for i, strategy in enumerate(of)
        ]


def _distinct(breakevens: list[float]) -> tuple[float, ...]:
    """Without NaN, and without the repetition of a point where the profit only touches zero."""
    return tuple(dict.fromkeys(price for price in breakevens if not math.isnan(price)))
