"""The pass over all candidates of one spec."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from scanner_server.columns import Flags, Floats, Ints, Rows
from scanner_server.filters.contracts import (
    LegBounds,
    Permits,
    asked_contracts,
    bounds_of,
    leg_counts,
    nothing_permitted,
    permit,
)
from scanner_server.filters.rules import FILTERS, Rules, rules_of
from scanner_server.filters.spec import ScanSpec
from scanner_server.ranking.forming import Pooling
from scanner_server.ranking.kernel import Pass, blank_details, rank_block
from scanner_server.ranking.pruning import Pruner, plateau_of
from scanner_server.ranking.ranking import Counts
from scanner_server.ranking.top_k import empty_top
from scanner_server.ranking.view import View, inputs_of
from scanner_server.strategies.joining import joined
from scanner_server.strategies.registry import resolve
from scanner_server.strategies.strategy import Pools, Strategy
from scanner_server.surface.clock import next_midnight


class TooManyCandidates(Exception):  # noqa: N818 - reads as what it says
    """A scan that was refused.

    Attributes:
        formed: how many candidates it has.
        most: how many may be looked at one by one.
    """

    def __init__(self, formed: int, most: int) -> None:
        super().__init__(f"{formed} candidates, and more than {most} would be looked at one by one")
        self.formed = formed
        self.most = most


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A spec, taken apart.

    Attributes:
        spec: what is asked for.
        most: how many candidates, or groups of them, may be looked at one by one; None = any.
        kept: how many of the best candidates are kept.
        strategies: what is formed.
        quantities: contracts per leg of each strategy.
        bounds: on single contracts.
    """

    spec: ScanSpec
    most: int | None
    kept: int
    strategies: tuple[Strategy, ...]
    quantities: tuple[Floats, ...]
    bounds: LegBounds

    @classmethod
    def of(cls, spec: ScanSpec, most: int | None, spare: int) -> Self:
        """The plan of a spec that keeps `spare` candidates beyond those listed."""
        strategies = resolve(spec.strategies)
        quantities = tuple(np.array(strategy.quantities, np.float64) for strategy in strategies)
        return cls(spec, most, spec.limit + spare, strategies, quantities, bounds_of(spec))

    def permit(self, permits: Permits, rows: Rows, view: View) -> None:
        """Look at the contracts at `rows` again."""
        at, bounds = view.market_time, self.bounds
        permit(permits, rows, view.chain, view.legs, view.surface, market_time=at, bounds=bounds)

    def offer(self, run: Pass, index: int, pools: Iterable[Pools], pruner: Pruner) -> None:
        """Rank the candidates of one strategy that some pools form.

        Raises:
            TooManyCandidates: more than the plan allows had to be looked at.
        """
        strategy, quantities = self.strategies[index], self.quantities[index]
        formed: list[Pools] = []
        for of in pools:
            plateau = plateau_of(strategy, of, run.rules.rank_figure)
            if plateau is None:
                formed.append(of)
                continue
            for _ in pruner.rank(run, index, quantities, plateau, of):
                if self.most is not None and pruner.looked + pruner.groups > self.most:
                    raise TooManyCandidates(_count(strategy, of), self.most)
        for block in joined(block for of in formed for block in strategy.form(of)):
            rank_block(run, index, quantities, block)

    def ages_out_at(self, view: View, permits: Ints, rows: Rows, others: float = math.inf) -> float:
        """Market time from which a quote of a permitted contract may be too old.

        Args:
            view: what is looked at.
            permits: as of `Permits`.
            rows: contracts to look at; shape (k,).
            others: market time from which one of the others may be; once it has passed all are looked at.
        """
        if self.bounds.oldest == math.inf:
            return math.inf
        if view.market_time > others:
            rows, others = np.arange(len(permits), dtype=np.int32), math.inf
        times = view.legs["quote_time"][rows[permits[rows] > 0]]
        return min(others, float(times.min()) + self.bounds.oldest) if len(times) else others


@dataclass(slots=True, eq=False)
class Standings:
    """What a pass leaves behind for those that follow on the same surface.

    Attributes:
        view: what was looked at last.
        asked: contracts that the spec asks for; shape (n,).
        pooling: of the chain.
        permits: which contracts may be legs.
        pools: by strategy.
        run: the best candidates, and what they are computed from.
        pruner: ranks what need not all be formed.
        counts: of the pass.
        good_until: market time from which other contracts are asked for.
        ages_out_at: market time from which a permitted quote may be too old.
    """

    view: View
    asked: Flags
    pooling: Pooling
    permits: Permits
    pools: list[Pools]
    run: Pass
    pruner: Pruner
    counts: Counts
    good_until: float
    ages_out_at: float


def full_pass(plan: Plan, view: View) -> Standings:
    """Form, filter, score and rank every candidate.

    Raises:
        TooManyCandidates: more than the plan allows.
    """
    chain, spec = view.chain, plan.spec
    asked = asked_contracts(chain, view.market_time, spec)
    permits = nothing_permitted(asked)
    everything = np.arange(len(view.legs), dtype=np.int32)
    plan.permit(permits, everything, view)
    pooling = Pooling(chain)
    pools = [pooling.pools(strategy, permits.permits) for strategy in plan.strategies]
    rules, pruner = rules_of(spec), Pruner()
    formed, whole = _formed(plan, pools, rules)
    run = Pass(
        inputs_of(view, spec, np.flatnonzero(permits.permits[:-1]).astype(np.int32)),
        rules,
        empty_top(plan.kept, np.append(chain.con_id, np.int64(-1))),
        np.zeros(len(FILTERS), np.int64),
        blank_details(1),
    )
    for index, of in enumerate(pools):
        plan.offer(run, index, [of], pruner)
    pruned = formed - whole - pruner.looked
    counts = Counts(
        contracts_asked=int(np.count_nonzero(asked)),
        contracts_quoted=int(np.count_nonzero(asked & view.quoted)),
        legs_turned_away=leg_counts(permits),
        formed=formed,
        turned_away={name: int(n) for name, n in zip(FILTERS, run.turned_away, strict=True) if n},
        pruned=pruned,
        qualified=formed - pruned - int(run.turned_away.sum()),
    )
    good_until = _good_until(chain.expires_at, view.market_time)
    ages_out_at = plan.ages_out_at(view, permits.permits, everything)
    return Standings(view, asked, pooling, permits, pools, run, pruner, counts, good_until, ages_out_at)


def _formed(plan: Plan, pools: list[Pools], rules: Rules) -> tuple[int, int]:
    """How many candidates there are, and how many of them are of strategies that are formed whole.

    Raises:
        TooManyCandidates: the latter are more than the plan allows; nothing was formed.
    """
    formed = whole = 0
    for strategy, of in zip(plan.strategies, pools, strict=True):
        count = _count(strategy, of)
        formed += count
        whole += count if plateau_of(strategy, of, rules.rank_figure) is None else 0
    if plan.most is not None and whole > plan.most:
        raise TooManyCandidates(formed, plan.most)
    return formed, whole


def _count(strategy: Strategy, pools: Pools) -> int:
    if strategy.count is not None:
        return strategy.count(pools)
    return sum(len(block) for block in strategy.form(pools))


def _good_until(expires_at: Floats, market_time: float) -> float:
    later = expires_at[expires_at > market_time]
    return min(next_midnight(market_time), float(later.min()) if len(later) else math.inf)
