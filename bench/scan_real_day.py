"""Every strategy over a real option day: GOOG on 2015-12-24 at 11:00, all 2,192 contracts.

`SPREADMESH_LEAN_DATA` names the folder with the day in LEAN's layout; without it there is nothing to measure.
"""

import os
from functools import partial
from pathlib import Path

from bench.result import Result, at_most
from bench.scan_full_open import OPEN
from bench.timing import medians
from scanner_server.filters.spec import ScanSpec
from scanner_server.legs.valuation import legs_on
from scanner_server.ranking.full_pass import TooManyCandidates
from scanner_server.ranking.incremental import scan
from scanner_server.ranking.view import View
from scanner_server.settings import ScannerSettings
from scanner_server.strategies.registry import every_strategy
from scanner_server.surface.surface import SurfaceSettings
from scanner_server.surface.take import take_surface
from tests.scanner_server import lean_day

VARIABLE = "SPREADMESH_LEAN_DATA"
LIMIT = 100
FILTERS = {"default filters": {}, "open": OPEN}


def view_of(folder: Path) -> View:
    """The market at 11:00, on a surface of that moment."""
    chain, quotes, now = lean_day.load(folder, "goog", "20151224", 11)
    surface = take_surface(chain, quotes, now, 1, SurfaceSettings())
    return View(chain, legs_on(chain, quotes, surface), surface, now)


def measured(view: View, filters: str, most: int) -> float:
    """Milliseconds that all strategies take together, each scanned by itself; prints every one."""
    total = 0.0
    for strategy in every_strategy():
        spec = ScanSpec(
            strategies=(strategy.name,),
            ranges=FILTERS[filters],
            include_undefined_risk=True,
            limit=LIMIT,
        )
        try:
            counts = scan(view, spec, most=most).counts
        except TooManyCandidates as refusal:
            print(f"{filters}, {strategy.name}: {refusal.formed:,} candidates, refused")
            continue
        (seconds,) = medians([partial(scan, view, spec)], repeats=3)
        total += seconds
        looked = f"{counts.formed:,} candidates, {counts.formed - counts.pruned:,} looked at"
        print(f"{filters}, {strategy.name}: {looked}, {seconds * 1e3:.1f} ms")
    return total * 1e3


def run() -> list[Result]:
    """Measure, where the data is at hand."""
    folder = os.environ.get(VARIABLE)
    if folder is None or not Path(folder).is_dir():
        print(f"scan_real_day: left out, {VARIABLE} names no folder with the day's data")
        return []
    view, most = view_of(Path(folder)), ScannerSettings().max_candidates
    return [
        at_most(f"scan_real_day, {filters}", measured(view, filters, most), "ms", goal)
        for filters, goal in (("default filters", 1_000.0), ("open", 10_000.0))
    ]
