"""All iron condors of the market, 1.3 billion, against ranking each of them with the same loop.

The baseline ranks each iron condor of a part of the market, every fourth strike of all expirations; its time
for the whole is that per candidate times the number of candidates. On that part, both must list the same.
"""

import time
from dataclasses import replace
from functools import partial

from bench.result import Result, faster
from bench.scan_full_open import LIMIT, OPEN, SLIPPAGE
from bench.scan_market import Market, market
from bench.timing import medians
from scanner_server.filters.spec import ScanSpec
from scanner_server.ranking.full_pass import Plan, full_pass
from scanner_server.ranking.incremental import scan
from scanner_server.ranking.listing import Listing
from scanner_server.ranking.ranking import Candidate

EVERY = 4
FILTERS = {"open": OPEN, "default filters": {}}


def spec_of(filters: str) -> ScanSpec:
    """All iron condors, under filters by name."""
    return ScanSpec(strategies=("iron_condor",), ranges=FILTERS[filters], slippage=SLIPPAGE, limit=LIMIT)


def one_by_one(of: Market, spec: ScanSpec) -> tuple[tuple[Candidate, ...], int]:
    """The best of all candidates when each is formed, and how many that are."""
    plan = Plan.of(spec, most=None, spare=0)
    plan = replace(plan, strategies=tuple(replace(one, plateau=None) for one in plan.strategies))
    standings = full_pass(plan, of.view)
    return Listing(plan.strategies, spec.limit).listed(standings.run), standings.counts.formed


def check(of: Market, spec: ScanSpec) -> None:
    """Both list the same, in the same order, with the same scores; most of it was never looked at."""
    ranking, (expected, formed) = scan(of.view, spec), one_by_one(of, spec)
    assert [(c.rows, c.score) for c in ranking.candidates] == [(c.rows, c.score) for c in expected]
    assert len(ranking.candidates) == LIMIT
    assert ranking.counts.formed == formed
    assert 0.5 * formed < ranking.counts.pruned < formed


def run() -> list[Result]:
    """Measure, after both agree on the part."""
    whole, part = market(), market(every=EVERY)
    results = []
    for filters in FILTERS:
        spec = spec_of(filters)
        check(part, spec)
        (ours,) = medians([partial(scan, whole.view, spec)], repeats=3)
        start = time.perf_counter()
        _, formed = one_by_one(part, spec)
        per_candidate = (time.perf_counter() - start) / formed
        counts = scan(whole.view, spec).counts
        print(
            f"{filters}: {counts.formed:,} iron condors, {counts.formed - counts.pruned:,} looked at;"
            f" one by one {per_candidate * 1e9:.0f} ns each, of {formed:,}"
        )
        baseline = per_candidate * counts.formed
        results.append(faster(f"scan_condors, {filters}", ours, baseline, goal=20))
    return results
