"""One scan over one chain."""

import math

import numpy as np

from scanner_server.book.chain import Chain
from scanner_server.book.quotes import Quotes
from scanner_server.figures.expectation import forecast_legs
from scanner_server.figures.inputs import Inputs, Terms, expiry_records, leg_records
from scanner_server.filters.contracts import asked_contracts, eligible_contracts
from scanner_server.filters.rules import FILTERS, Rules, rules_of
from scanner_server.filters.spec import ScanSpec
from scanner_server.legs.legs import Legs
from scanner_server.ranking.forming import blocks_of, boards_of
from scanner_server.ranking.kernel import Pass, blank_details, describe, rank_block
from scanner_server.ranking.ranking import Candidate, Counts, Ranking
from scanner_server.ranking.top_k import MOST_LEGS, TopK, best_first, empty_top
from scanner_server.strategies.registry import resolve
from scanner_server.strategies.strategy import Strategy
from scanner_server.surface.smile import Smile
from scanner_server.surface.surface import Surface


class TooManyCandidates(Exception):  # noqa: N818 - reads as what it says
    """A scan that was refused before it formed anything.

    Attributes:
        formed: how many candidates it would have formed.
        most: how many it was allowed.
    """

    def __init__(self, formed: int, most: int) -> None:
        super().__init__(f"{formed} candidates would be formed, {most} are allowed")
        self.formed = formed
        self.most = most


def scan(
    chain: Chain,
    quotes: Quotes,
    legs: Legs,
    surface: Surface,
    *,
    market_time: float,
    spec: ScanSpec,
    most: int | None = None,
) -> Ranking:
    """Form, filter, score and rank the candidates of a spec.

    Args:
        chain: the contracts.
        quotes: their live quotes.
        legs: their values on `surface`, up to date with `quotes`.
        surface: the snapshot that spot, time, forwards and smiles come from.
        market_time: unix seconds of market time; quote ages and days to expiration count from it.
        spec: what is asked for.
        most: how many candidates may be formed of the contracts that pass the leg filters; None = any.

    Raises:
        TooManyCandidates: more than `most`; nothing was formed.
    """
    asked = asked_contracts(chain, market_time, spec)
    eligible = eligible_contracts(asked, chain, quotes, legs, surface, market_time=market_time, spec=spec)
    inputs = inputs_of(chain, quotes, legs, surface, market_time=market_time, spec=spec)
    usable = np.flatnonzero(eligible.longs | eligible.shorts).astype(np.int32)
    forecast_legs(inputs.legs, usable, inputs.expiry_of, inputs.expiries)
    strategies = resolve(spec.strategies)
    boards = boards_of(chain, eligible.longs, eligible.shorts)
    credit_boards = boards_of(chain, eligible.longs, eligible.credit_shorts)
    plan = [(strategy, credit_boards if strategy.sold_for_credit else boards) for strategy in strategies]
    formed = sum(strategy.count(board) for strategy, drawn_from in plan for board in drawn_from)
    if most is not None and formed > most:
        raise TooManyCandidates(formed, most)
    rules = rules_of(spec)
    top = empty_top(spec.limit, chain.con_id)
    turned_away = np.zeros(len(FILTERS), np.int64)
    run = Pass(inputs, rules, top, turned_away, blank_details(1))
    for index, (strategy, drawn_from) in enumerate(plan):
        quantities = np.array(strategy.quantities, np.float64)
        for block in blocks_of(strategy, drawn_from):
            rank_block(run, index, quantities, block)
    counts = Counts(
        contracts_asked=int(np.count_nonzero(asked)),
        contracts_quoted=int(np.count_nonzero(asked & quotes.quoted)),
        legs_turned_away=eligible.turned_away,
        formed=formed,
        turned_away={name: int(n) for name, n in zip(FILTERS, turned_away, strict=True) if n},
        qualified=formed - int(turned_away.sum()),
    )
    return Ranking(surface.number, market_time, _listed(inputs, rules, top, strategies), counts)


def inputs_of(
    chain: Chain, quotes: Quotes, legs: Legs, surface: Surface, *, market_time: float, spec: ScanSpec
) -> Inputs:
    """What figures are computed from; the legs' forecast fields are still empty."""
    return Inputs(
        legs=leg_records(chain, quotes, legs, market_time),
        expiries=expiry_records(chain, surface, market_time, spec.forecast_volatility),
        expiry_of=chain.expiration,
        smile=Smile(surface.knot_x, surface.knot_iv, surface.cubic),
        terms=Terms(surface.spot, chain.multiplier, spec.slippage, spec.commission_per_contract),
    )


def _listed(
    inputs: Inputs, rules: Rules, top: TopK, strategies: tuple[Strategy, ...]
) -> tuple[Candidate, ...]:
    """The candidates of the heap with everything that explains them, best first."""
    order = best_first(top)
    rows = top.rows[order]
    quantities = np.zeros((len(order), MOST_LEGS))
    of = [strategies[i] for i in top.strategy[order]]
    for i, strategy in enumerate(of):
        quantities[i, : len(strategy.quantities)] = strategy.quantities
    details = blank_details(len(order))
    describe(inputs, rows, quantities, details)
    scores = (details.parts @ rules.weights).tolist()
    breakevens, legs, ages = details.breakevens.tolist(), rows.tolist(), inputs.legs["age"][rows].tolist()
    return tuple(
        Candidate(
            strategy=strategy.name,
            rows=tuple(legs[i][: len(strategy.quantities)]),
            quantities=strategy.quantities,
            breakevens=_distinct(breakevens[i]),
            figures=details.figures[i],
            score=scores[i],
            parts=details.parts[i],
            quote_ages=tuple(ages[i][: len(strategy.quantities)]),
        )
        for i, strategy in enumerate(of)
    )


def _distinct(breakevens: list[float]) -> tuple[float, ...]:
    """Without NaN, and without the repetition of a point where the profit only touches zero."""
    return tuple(dict.fromkeys(price for price in breakevens if not math.isnan(price)))
