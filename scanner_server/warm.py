"""Compile every loop of the scanner ahead of the first scan: `python -m scanner_server.warm`."""

import math
import shutil

import numpy as np

from scanner_server.book.chain import Chain
from scanner_server.book.quotes import Quotes
from scanner_server.columns import CACHE, CACHE_PREFIX
from scanner_server.filters.spec import ScanSpec
from scanner_server.legs.valuation import legs_on
from scanner_server.pricing.black import black
from scanner_server.ranking.incremental import IncrementalScan
from scanner_server.ranking.view import View
from scanner_server.surface.surface import SurfaceSettings
from scanner_server.surface.take import take_surface

_NOON = 1_450_976_400.0
_EXPIRES_AT = _NOON + 30 * 86_400
_SPOT = 100.0


def warm() -> None:
    """Run one small scan through every compiled path; fast where the cache on disk is current.

    Machine code of older sources is removed from the disk.
    """
    _scan_once()
    if CACHE is not None and CACHE.name.startswith(CACHE_PREFIX):
        for folder in CACHE.parent.glob(f"{CACHE_PREFIX}*"):
            if folder != CACHE:
                shutil.rmtree(folder, ignore_errors=True)


def _scan_once() -> None:
    strikes = [80.0 + 2 * k for k in range(21)]
    contracts = [(strike, is_call) for strike in strikes for is_call in (True, False)]
    chain = Chain.of(
        "WARM",
        100,
        con_id=range(1, len(contracts) + 1),
        expiration=["2016-01-23"] * len(contracts),
        expires_at=[_EXPIRES_AT] * len(contracts),
        strike=[strike for strike, _ in contracts],
        is_call=[is_call for _, is_call in contracts],
        trading_class=["WARM"] * len(contracts),
    )
    quotes = Quotes.empty(chain)
    deviation = 0.25 * math.sqrt(30 / 365)
    mids = [black(_SPOT, strike, deviation, 1.0 if is_call else -1.0) for strike, is_call in contracts]
    quotes.update(
        chain.rows_of(range(1, len(contracts) + 1)),
        bid=[mid * 0.99 for mid in mids],
        ask=[mid * 1.01 for mid in mids],
        quote_time=[_NOON] * len(contracts),
    )
    quotes.underlying.update(time=_NOON, bid=_SPOT, ask=_SPOT)
    surface = take_surface(chain, quotes, _NOON, 1, SurfaceSettings())
    view = View(chain, legs_on(chain, quotes, surface), surface, _NOON)
    scan = IncrementalScan(ScanSpec(strategies=("vertical", "iron_condor", "reverse_iron_condor")))
    scan.rank(view)
    scan.rank(view, np.array([0], np.int32))


if __name__ == "__main__":
    warm()
