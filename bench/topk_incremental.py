"""What a tick costs a ranking that goes on, against ranking all verticals anew in NumPy; and iron condors.

A tick is one quote of one contract: it is valued, its spreads are taken out, formed and offered again, and
the best hundred are listed.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from statistics import median

import numpy as np

from bench.result import Result, at_most, faster
from bench.scan_full_open import LIMIT, OPEN, SLIPPAGE, check
from bench.scan_market import NOW, Market, market
from bench.timing import medians
from bench.verticals_c import Verticals
from bench.verticals_gather import gather_scan
from scanner_server.columns import Rows
from scanner_server.filters.spec import ScanSpec
from scanner_server.legs.legs import LEG
from scanner_server.legs.valuation import revalue
from scanner_server.ranking.incremental import IncrementalScan, scan
from scanner_server.ranking.ranking import Ranking

WARM_UP, TICKS, CONDOR_TICKS = 50, 2_000, 200


def ticks(of: Market, count: int) -> Iterator[tuple[float, Rows]]:
    """Quotes of random contracts, a cent up or down, each in the book when its time and row are yielded."""
    rng = np.random.default_rng(11)
    for number in range(count):
        row = rng.integers(0, len(of.chain), 1)
        cents = rng.choice([-0.01, 0.01], 2)
        bid = np.maximum(of.quotes.bid[row] + cents[0], 0)
        at = NOW + 1e-4 * number
        ask = np.maximum(of.quotes.ask[row] + cents[1], bid + 0.01)
        of.quotes.update(row, bid=bid.round(2), ask=ask.round(2), quote_time=np.array([at]))
        yield at, row.astype(np.int32)


def per_tick(of: Market, spec: ScanSpec, count: int) -> tuple[list[float], IncrementalScan, Ranking]:
    """Seconds of each tick after the first few, how the scan has gone, and its last ranking."""
    incremental, view = IncrementalScan(spec), of.view
    ranking = incremental.rank(view)
    seconds = []
    for at, row in ticks(of, WARM_UP + count):
        start = time.perf_counter()
        revalue(view.legs, row, of.chain, of.quotes, of.surface)
        view = replace(view, market_time=at)
        ranking = incremental.rank(view, row)
        seconds.append(time.perf_counter() - start)
    expected = scan(view, spec)
    assert [(c.rows, c.score) for c in ranking.candidates] == [(c.rows, c.score) for c in expected.candidates]
    return seconds[WARM_UP:], incremental, ranking


def told(name: str, seconds: list[float], incremental: IncrementalScan) -> None:
    """Print what the median leaves out."""
    ends = np.percentile(np.array(seconds) * 1e6, [1, 50, 90, 99, 100])
    shown = ", ".join(f"{end:,.0f}" for end in ends)
    print(f"{name}: {shown} µs at p1, p50, p90, p99 and most; all formed {incremental.passes - 1} times")


def run() -> list[Result]:
    """Measure, and check the last ranking against one made anew and against NumPy."""
    of = market()
    verticals = ScanSpec(strategies=("vertical",), ranges=OPEN, slippage=SLIPPAGE, limit=LIMIT)
    seconds, incremental, ranking = per_tick(of, verticals, TICKS)
    told("verticals", seconds, incremental)
    of = replace(of, columns={name: of.legs[name][:-1].copy() for name in LEG.names or ()})

    def gathered() -> Verticals:
        with np.errstate(all="ignore"):
            return gather_scan(of, slippage=SLIPPAGE, limit=LIMIT)

    check(ranking, [gathered()])
    (baseline,) = medians([gathered], repeats=5)
    condors = replace(verticals, strategies=("iron_condor",))
    of_condors, went, _ = per_tick(market(), condors, CONDOR_TICKS)
    told("iron condors", of_condors, went)
    return [
        faster("topk_incremental, per tick", median(seconds), baseline, goal=5_000),
        at_most("topk_incremental, condors per tick", median(of_condors) * 1e3, "ms", 5),
    ]
