"""Run by test_warm.py in a process of its own: prints what has to be compiled for scans after warming."""

import sys
from dataclasses import replace

import numpy as np
from numba.core.dispatcher import Dispatcher

import scanner_server.app  # noqa: F401 - all that a server imports
from scanner_server.filters.spec import DEFAULT_RANGES, Range, ScanSpec
from scanner_server.ranking.incremental import IncrementalScan
from scanner_server.strategies.registry import STRATEGIES
from scanner_server.warm import warm
from tests.scanner_server.market import read_extract

OPEN = {name: Range() for name in (*DEFAULT_RANGES, "short_delta")}


def compiled() -> dict[str, int]:
    """How many signatures of each compiled function there are."""
    modules = [module for name, module in list(sys.modules.items()) if name.startswith("scanner_server")]
    found = [value for module in modules for value in vars(module).values() if isinstance(value, Dispatcher)]
    return {f"{of.py_func.__module__}.{of.py_func.__name__}": len(of.signatures) for of in found}


def scan_everything() -> None:
    """Every strategy, with and without filters, before and after a tick."""
    market = read_extract()
    ticked = replace(market.view, legs=market.view.legs.copy())
    for strategy in STRATEGIES:
        for ranges in ({}, OPEN, OPEN | {"probability_of_profit": Range(0, 1)}):
            spec = ScanSpec(strategies=(strategy.name,), ranges=ranges, include_undefined_risk=True, limit=5)
            scan = IncrementalScan(spec)
            scan.rank(market.view)
            scan.rank(ticked, np.array([3, len(market.chain)], np.int32))


if __name__ == "__main__":
    warm()
    before = compiled()
    scan_everything()
    after = compiled()
    print(*(name for name, count in after.items() if count > before.get(name, 0)))
