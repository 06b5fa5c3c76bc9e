"""A scan that goes on: after a tick only the spreads of its contract are formed again, and yet it is exact.

Within one surface a candidate's place depends on the quotes of its own legs alone. So the best candidates are
kept, more than are listed, together with a floor that no other candidate is above (`top_k`); those of changed
contracts are taken out and formed anew. Where too few are left, or surface or date are others, all are.
"""

import numpy as np

from scanner_server.columns import Rows
from scanner_server.figures.expectation import fill_forecast
from scanner_server.filters.spec import ScanSpec
from scanner_server.ranking.forming import touching
from scanner_server.ranking.full_pass import Plan, Standings, TooManyCandidates, full_pass
from scanner_server.ranking.listing import Listing
from scanner_server.ranking.ranking import Ranking
from scanner_server.ranking.top_k import is_complete, remove
from scanner_server.ranking.view import View

# Candidates kept beyond those listed, so that some can fall out before all must be formed anew.
SPARE = 256
# Beyond this share of the contracts it is quicker to form all.
_MOST_CHANGED = 0.25


class IncrementalScan:
    """One spec, ranked on one view after another. Not safe for threads.

    Attributes:
        passes: how often all candidates were formed.
    """

    def __init__(self, spec: ScanSpec, *, most: int | None = None, spare: int = SPARE) -> None:
        """Begin without a view.

        Args:
            spec: what is asked for.
            most: how many candidates, or groups of them, may be looked at one by one; None = any.
            spare: candidates kept beyond those listed.
        """
        self._plan = Plan.of(spec, most, spare)
        self._listing = Listing(self._plan.strategies, spec.limit)
        self._standings: Standings | None = None
        self.passes = 0

    def __repr__(self) -> str:
        return f"<IncrementalScan {','.join(self._plan.spec.strategies)} passes={self.passes}>"

    def rank(self, view: View, changed: Rows | None = None) -> Ranking:
        """The ranking on a view. Its counts are those of the last pass over all candidates.

        Args:
            view: what to look at.
            changed: rows whose legs differ from those of the view before, n for the share; shape (k,).
                None where that is not known.

        Raises:
            TooManyCandidates: more than `most` would have to be looked at.
        """
        ranking = None if changed is None else self.update(view, changed)
        if ranking is not None:
            return ranking
        self._standings = None
        self._listing.forget_all()
        self._standings = full_pass(self._plan, view)
        self.passes += 1
        return self._ranking(self._standings)

    def update(self, view: View, changed: Rows) -> Ranking | None:
        """The same, where it takes the spreads of changed contracts alone; None where it takes more."""
        standings, self._standings = self._standings, None
        if standings is None or not self._updated(standings, view, changed):
            return None
        self._standings = standings
        return self._ranking(standings)

    def _ranking(self, standings: Standings) -> Ranking:
        view, candidates = standings.view, self._listing.listed(standings.run)
        return Ranking(view.surface.number, view.market_time, standings.asked, candidates, standings.counts)

    def _updated(self, standings: Standings, view: View, changed: Rows) -> bool:
        """Form the candidates of changed contracts; false where that does not give the ranking."""
        if not _is_comparable(standings, view) or _depends_on_age(self._plan.spec):
            return False
        changed = np.unique(np.append(changed, self._aged(standings, view)))
        if len(changed) > _MOST_CHANGED * len(view.legs):
            return False
        self._look_again(standings, view, changed)
        flags = np.zeros(len(view.legs), np.bool_)
        flags[changed] = True
        if remove(standings.run.top, flags):
            self._listing.forget(changed.tolist())
        try:
            self._offer(standings, changed)
        except TooManyCandidates:
            return False
        return is_complete(standings.run.top, self._plan.spec.limit)

    def _offer(self, standings: Standings, changed: Rows) -> None:
        """Form the candidates of changed contracts.

        Raises:
            TooManyCandidates: more than the plan allows.
        """
        standings.pruner.begin()
        for index, pools in enumerate(standings.pools):
            self._plan.offer(standings.run, index, touching(pools, changed), standings.pruner)

    def _look_again(self, standings: Standings, view: View, changed: Rows) -> None:
        """Move on to a view, and let changed contracts in or out of the pools."""
        permits = standings.permits.permits
        inputs = standings.run.inputs
        before = permits[changed]
        self._plan.permit(standings.permits, changed, view)
        if (before != permits[changed]).any():
            standings.pools = [standings.pooling.pools(of, permits) for of in self._plan.strategies]
            options = changed[changed < len(view.chain)]
            fill_forecast(inputs.forecast, view.legs, options, inputs.expiry_of, inputs.expiries)
        standings.view = view
        standings.ages_out_at = self._plan.ages_out_at(view, permits, changed, standings.ages_out_at)
        terms = inputs.terms._replace(market_time=view.market_time)
        standings.run = standings.run._replace(inputs=inputs._replace(legs=view.legs, terms=terms))

    def _aged(self, standings: Standings, view: View) -> Rows:
        """Contracts whose quotes have become too old since the view before."""
        if view.market_time <= standings.ages_out_at:
            return np.empty(0, np.int32)
        age = view.market_time - view.legs["quote_time"]
        permitted = standings.permits.permits > 0
        return np.flatnonzero(permitted & (age > self._plan.bounds.oldest)).astype(np.int32)


def scan(view: View, spec: ScanSpec, *, most: int | None = None) -> Ranking:
    """Form, filter, score and rank the candidates of a spec, once; arguments as of `IncrementalScan`.

    Raises:
        TooManyCandidates: more than `most` would have to be looked at.
    """
    return IncrementalScan(spec, most=most, spare=0).rank(view)


def _is_comparable(standings: Standings, view: View) -> bool:
    """Whether nothing but quotes and ages can differ from the view before."""
    before = standings.view
    return (
        view.surface is before.surface
        and view.chain is before.chain
        and before.market_time <= view.market_time < standings.good_until
        and np.array_equal(_volatility(view), _volatility(before), equal_nan=True)
    )


def _volatility(view: View) -> tuple[float, float, float]:
    return view.iv_rank, view.iv_percentile, view.realized_volatility


def _depends_on_age(spec: ScanSpec) -> bool:
    """Whether a candidate's place changes as its quotes grow old, but for their growing too old."""
    return spec.rank_by == "quote_age" or spec.bounds("quote_age")[0] > 0
