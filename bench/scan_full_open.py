"""A full scan with every filter open against the same loop in plain C and the obvious gather in NumPy."""

import numpy as np

from bench.result import Result, faster
from bench.scan_market import Market, market
from bench.timing import medians
from bench.verticals_c import FIGURES, Verticals, c_scan
from bench.verticals_gather import gather_scan
from scanner_server.filters.spec import DEFAULT_RANGES, Range, ScanSpec
from scanner_server.ranking.incremental import scan
from scanner_server.ranking.ranking import Ranking

OPEN = {name: Range() for name in (*DEFAULT_RANGES, "short_delta")}
SLIPPAGE, LIMIT = 0.25, 100
STRATEGIES = ("bull_call", "bear_call", "bull_put", "bear_put")
TOLERANCE = 1e-9


def check(ranking: Ranking, others: list[Verticals]) -> None:
    """All rank the same verticals in the same order, with the same figures."""
    for other in others:
        assert len(other) == len(ranking.candidates) == LIMIT
        for candidate, row in zip(ranking.candidates, other, strict=True):
            assert (candidate.strategy, candidate.rows) == (
                STRATEGIES[row["strategy"]],
                (row["lower"], row["upper"]),
            )
            ours = [candidate.score, *(candidate.figure(name) for name in FIGURES[1:])]
            np.testing.assert_allclose(ours, [row[name] for name in FIGURES], rtol=TOLERANCE, atol=TOLERANCE)


def open_scan(of: Market) -> Ranking:
    """The scan that is measured."""
    spec = ScanSpec(strategies=("vertical",), ranges=OPEN, slippage=SLIPPAGE, limit=LIMIT)
    return scan(of.view, spec)


def run() -> list[Result]:
    """Measure, after all three agree."""
    of = market()
    in_c = c_scan(of, slippage=SLIPPAGE, limit=LIMIT)

    def gathered() -> Verticals:
        with np.errstate(all="ignore"):
            return gather_scan(of, slippage=SLIPPAGE, limit=LIMIT)

    check(open_scan(of), [in_c(), gathered()])
    ours, c = medians([lambda: open_scan(of), in_c], repeats=15)
    beside, gather = medians([lambda: open_scan(of), gathered], repeats=7)
    return [
        faster("scan_full_open, C", ours, c, goal=0.91),
        faster("scan_full_open, gather", beside, gather, goal=4),
    ]
