"""The same chain under leg filters: they run before any pair is formed."""

import numpy as np

from bench.result import Result, at_most, faster
from bench.scan_full_open import LIMIT, SLIPPAGE, STRATEGIES, check
from bench.scan_market import Market, market
from bench.timing import medians
from bench.verticals_c import Verticals
from bench.verticals_gather import gather_scan
from scanner_server.filters.spec import DEFAULT_RANGES, Range, ScanSpec
from scanner_server.ranking.incremental import scan
from scanner_server.ranking.ranking import Ranking

SHORT_DELTA, LONG_DELTA, OPEN_INTEREST = (0.15, 0.35), (0.05, 0.30), 500.0
FILTERS = {name: Range() for name in DEFAULT_RANGES} | {
    "short_delta": Range(*SHORT_DELTA),
    "long_delta": Range(*LONG_DELTA),
    "open_interest": Range(OPEN_INTEREST, None),
}


def selective_scan(of: Market) -> Ranking:
    """The scan that is measured: every expiration, out-of-the-money legs that trade."""
    spec = ScanSpec(strategies=("vertical",), ranges=FILTERS, slippage=SLIPPAGE, limit=LIMIT)
    return scan(of.view, spec)


def filtered_afterwards(of: Market) -> Verticals:
    """Every vertical formed and scored, then filtered, in NumPy."""
    with np.errstate(all="ignore"):
        every = gather_scan(of, slippage=SLIPPAGE, limit=None)
    size, interest = np.abs(of.columns["delta"]), of.quotes.open_interest
    lower_is_bought = np.array([name in {"bull_call", "bull_put"} for name in STRATEGIES])[every["strategy"]]
    bought = np.where(lower_is_bought, every["lower"], every["upper"])
    sold = np.where(lower_is_bought, every["upper"], every["lower"])
    passes = (size[sold] >= SHORT_DELTA[0]) & (size[sold] <= SHORT_DELTA[1])
    passes &= (size[bought] >= LONG_DELTA[0]) & (size[bought] <= LONG_DELTA[1])
    passes &= (interest[bought] >= OPEN_INTEREST) & (interest[sold] >= OPEN_INTEREST)
    return every[passes][:LIMIT]


def run() -> list[Result]:
    """Measure, after both agree."""
    of = market()
    check(selective_scan(of), [filtered_afterwards(of)])
    ours, baseline = medians([lambda: selective_scan(of), lambda: filtered_afterwards(of)], repeats=9)
    (alone,) = medians([lambda: selective_scan(of)], repeats=101)
    return [
        at_most("scan_full_selective", alone * 1e3, "ms", 2),
        faster("scan_full_selective, filtered afterwards", ours, baseline, goal=4),
    ]
