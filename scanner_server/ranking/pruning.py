"""Ranking the spreads of a strategy with a plateau by branch and bound, expiration by expiration."""

import math
from collections.abc import Iterator

import numpy as np

from scanner_server.columns import Floats, Rows
from scanner_server.figures.inputs import Inputs
from scanner_server.ranking.bounds import Bounding
from scanner_server.ranking.boxes import Shape, boxes_of
from scanner_server.ranking.branch_and_bound import BLOCK, next_block, search_of
from scanner_server.ranking.envelopes import Envelope, envelope_of
from scanner_server.ranking.kernel import Pass, rank_block
from scanner_server.ranking.ranges import KNOWN, SCORED, unknown_ranges
from scanner_server.strategies.strategy import Plateau, Pools, Strategy, expiration_of, start_of_expiration

# No more than so many combinations are formed and counted one by one.
FEW = 32768


def plateau_of(strategy: Strategy, pools: Pools, rank_figure: int) -> Plateau | None:
    """The plateau of a strategy if its spreads need not all be formed; `rank_figure` is as in `Rules`."""
    is_bounded = rank_figure < 0 or rank_figure in KNOWN
    is_large = math.prod(len(rows) for rows in pools.legs) > FEW
    return strategy.plateau if is_bounded and is_large else None


class Pruner:
    """Ranks by branch and bound on one surface, whose envelopes it remembers.

    Attributes:
        looked: spreads that were looked at since `begin`.
        groups: groups of spreads that were halved or, if small enough, looked at.
    """

    def __init__(self) -> None:
        self._envelopes: dict[int, Envelope] = {}
        self.begin()

    def __repr__(self) -> str:
        return f"<Pruner looked={self.looked} groups={self.groups}>"

    def begin(self) -> None:
        """Count from zero again."""
        self.looked = self.groups = 0

    def rank(
        self, run: Pass, index: int, quantities: Floats, plateau: Plateau, pools: Pools
    ) -> Iterator[None]:
        """Offer all spreads that may be among the best; yields after each bounded piece of work.

        Args:
            run: the pass that they belong to.
            index: of the strategy.
            quantities: contracts per leg; shape (legs,).
            plateau: of the strategy.
            pools: what its legs are drawn from.
        """
        block = np.empty((BLOCK, len(quantities)), np.int32)
        for expiration, legs in _by_expiration(pools):
            search = search_of(self._bounding(run, quantities, plateau, expiration, legs, pools))
            while search.state[0]:
                before = int(search.state[1])
                filled = next_block(search, run.top, block)
                self.groups += int(search.state[1]) - before
                self.looked += filled
                rank_block(run, index, quantities, block[:filled])
                yield

    def _bounding(
        self,
        run: Pass,
        quantities: Floats,
        plateau: Plateau,
        expiration: int,
        legs: list[Rows],
        pools: Pools,
    ) -> Bounding:
        inputs, rules = run.inputs, run.rules
        signs = {float(inputs.legs["sign"][rows[0]]) for rows in legs}
        shape = Shape(*plateau, slope=float(quantities[0]), one_right=len(signs) == 1)
        bounded = {rules.rank_figure, *rules.quoted.tolist(), *rules.payoff.tolist(), *rules.costly.tolist()}
        return Bounding(
            inputs,
            rules,
            expiration,
            boxes_of(inputs, legs, pools.key, quantities, shape),
            shape,
            self._envelope(inputs, expiration),
            inputs.terms.commission * float(np.abs(quantities).sum()),
            bounded <= {-1, *SCORED},
            unknown_ranges(),
            np.zeros(len(rules.weights)),
        )

    def _envelope(self, inputs: Inputs, expiration: int) -> Envelope:
        if expiration not in self._envelopes:
            strikes = inputs.legs["strike"][:-1][inputs.expiry_of[:-1] == expiration]
            ends = float(strikes.min()), float(strikes.max())
            self._envelopes[expiration] = envelope_of(inputs.expiries[expiration], inputs.smile, *ends)
        return self._envelopes[expiration]


def _by_expiration(pools: Pools) -> Iterator[tuple[int, list[Rows]]]:
    """The expirations that all legs have, and the rows of each leg."""
    keys = [pools.keys(leg) for leg in range(len(pools.legs))]
    for expiration in np.unique(expiration_of(min(keys, key=len))).tolist():
        start, stop = start_of_expiration(np.array([expiration, expiration + 1]))
        legs = [
            rows[np.searchsorted(of, start) : np.searchsorted(of, stop)]
            for rows, of in zip(pools.legs, keys, strict=True)
        ]
        if all(len(rows) for rows in legs):
            yield expiration, legs
