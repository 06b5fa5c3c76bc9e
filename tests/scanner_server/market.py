"""Markets for the tests of the pure scanner: a real instant, and random small chains."""

import csv
import math
import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from scanner_server.book.chain import Chain
from scanner_server.book.quotes import Quotes
from scanner_server.columns import Records
from scanner_server.filters.spec import ScanSpec
from scanner_server.legs.valuation import legs_on
from scanner_server.pricing.black import black
from scanner_server.ranking.incremental import scan
from scanner_server.ranking.ranking import Ranking
from scanner_server.ranking.view import View
from scanner_server.surface.surface import Surface, SurfaceSettings
from scanner_server.surface.take import take_surface
from tests.scanner_server import lean_day
from tests.scanner_server.reference.expiry import Expiry, Option, quoted_expiry

EXTRACT = Path(__file__).parents[1] / "data" / "goog_20151224_1100.csv"
ELEVEN = 1_450_972_800.0


@dataclass
class Market:
    """A chain with quotes at an instant, and both views of it: the scanner's and the reference's."""

    chain: Chain
    quotes: Quotes
    now: float
    settings: SurfaceSettings = field(default_factory=SurfaceSettings)

    @cached_property
    def surface(self) -> Surface:
        return take_surface(self.chain, self.quotes, self.now, 1, self.settings)

    @cached_property
    def legs(self) -> Records:
        return legs_on(self.chain, self.quotes, self.surface)

    @cached_property
    def options(self) -> list[Option]:
        chain, quotes = self.chain, self.quotes
        return [
            Option(
                con_id=int(chain.con_id[row]),
                expires_at=float(chain.expires_at[chain.expiration[row]]),
                call=bool(chain.is_call[row]),
                strike=float(chain.strike[row]),
                bid=float(quotes.bid[row]),
                ask=float(quotes.ask[row]),
                volume=float(quotes.volume[row]),
                open_interest=float(quotes.open_interest[row]),
                quote_time=float(quotes.quote_time[row]),
            )
            for row in range(len(chain))
        ]

    @cached_property
    def share(self) -> Option:
        """The share, as a call that is always exercised, for nothing."""
        quote, unknown = self.quotes.underlying, math.nan
        return Option(-1, unknown, True, 0.0, quote.bid, quote.ask, unknown, unknown, quote.time)

    @cached_property
    def expiries(self) -> list[Expiry]:
        of: dict[int, list[Option]] = {}
        for row, option in enumerate(self.options):
            of.setdefault(int(self.chain.expiration[row]), []).append(option)
        spot, settings = self.quotes.underlying.spot, self.settings
        return [
            quoted_expiry(of[e], spot, self.now, settings.rate, settings.dividend_yield)
            for e in range(len(self.chain.expirations))
        ]

    def scan(self, spec: ScanSpec) -> Ranking:
        return scan(self.view, spec)

    @property
    def view(self) -> View:
        return View(self.chain, self.legs, self.surface, self.now)


def read_goog() -> Market:
    """GOOG at 11:00: the whole chain where SPREADMESH_LEAN_DATA names a LEAN folder, else the extract."""
    if folder := os.environ.get("SPREADMESH_LEAN_DATA"):
        return Market(*lean_day.load(Path(folder), "goog", "20151224", 11))
    return read_extract()


def read_extract() -> Market:
    """Three expirations of 44 strikes each, of one instant of that day."""
    with EXTRACT.open() as lines:
        share, *rows = csv.DictReader(lines)
    number = {
        name: [float(r[name] or "nan") for r in rows]
        for name in rows[0]
        if name not in ("expiration", "right")
    }
    ids = range(1, len(rows) + 1)
    chain = Chain.of(
        "GOOG",
        100,
        con_id=ids,
        expiration=[r["expiration"] for r in rows],
        expires_at=number.pop("expires_at"),
        strike=number.pop("strike"),
        is_call=[r["right"] == "C" for r in rows],
        trading_class=["GOOG"] * len(rows),
    )
    quotes = Quotes.empty(chain)
    quotes.update(chain.rows_of(ids), **number)
    quotes.underlying.update(time=ELEVEN, bid=float(share["bid"]), ask=float(share["ask"]))
    return Market(chain, quotes, ELEVEN)


def random_market(seed: int, *, strikes: int = 7, expirations: int = 2) -> Market:
    """Quotes around a skewed smile with wide and missing sides, on unevenly spaced strikes."""
    rng = np.random.default_rng(seed)
    spot, now = float(rng.uniform(20, 300)), ELEVEN
    ids, dates, at, ks, calls, bids, asks = [], [], [], [], [], [], []
    for e in range(expirations):
        days = float(rng.uniform(2, 55)) + 4 * e
        ladder = np.sort(rng.choice(np.arange(80, 121), strikes, replace=False)) / 100 * spot
        for strike in ladder.round(2).tolist():
            for call in (True, False):
                x = math.log(strike / spot)
                iv = 0.3 - 0.4 * x + x * x
                mid = black(spot, strike, iv * math.sqrt(days / 365), 1.0 if call else -1.0)
                half = float(rng.uniform(0.002, 0.04)) * mid + 0.01
                ids.append(len(ids) + 1)
                dates.append(f"2016-0{e + 1}-15")
                at.append(now + days * 86_400)
                ks.append(strike)
                calls.append(call)
                bids.append(max(mid - half, 0) if rng.random() > 0.08 else math.nan)
                asks.append(mid + half)
    n = len(ids)
    chain = Chain.of(
        "X",
        100,
        con_id=rng.permutation(n).tolist(),
        expiration=dates,
        expires_at=at,
        strike=ks,
        is_call=calls,
        trading_class=["X"] * n,
    )
    quotes = Quotes.empty(chain)
    quotes.update(
        np.arange(n),
        volume=rng.integers(0, 200, n),
        open_interest=np.where(rng.random(n) < 0.1, np.nan, rng.integers(0, 2000, n)),
        quote_time=now - rng.exponential(120, n),
    )
    order = sorted(range(n), key=lambda i: (at[i], not calls[i], ks[i]))
    quotes.update(np.arange(n), bid=[bids[i] for i in order], ask=[asks[i] for i in order])
    quotes.underlying.update(time=now, bid=spot - 0.01, ask=spot + 0.01)
    return Market(chain, quotes, now, SurfaceSettings(rate=float(rng.uniform(0, 0.06))))
