"""Ranking what has changed gives what ranking everything gives, order included.

SPREADMESH_CASES says how many cases to try, each a sequence of ticks and other events on two markets.
"""

import os
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from spreadmesh.scan.v1 import spec_pb2

from scanner_server.columns import Rows
from scanner_server.figures.table import FIGURE_INDEX
from scanner_server.filters.spec import DEFAULT_RANGES, Range, ScanSpec
from scanner_server.legs.valuation import legs_on, revalue
from scanner_server.presets.built_in import BUILT_IN
from scanner_server.presets.merge import overlaid
from scanner_server.ranking.incremental import IncrementalScan, scan
from scanner_server.ranking.ranking import Ranking
from scanner_server.ranking.view import View
from scanner_server.strategies.registry import STRATEGIES
from scanner_server.surface.clock import next_midnight
from scanner_server.surface.take import take_surface
from scanner_server.translation.spec import scan_spec_of
from tests.scanner_server.market import Market, random_market

CASES = int(os.environ.get("SPREADMESH_CASES", "120"))
STEPS = 15
OPEN = {name: Range() for name in (*DEFAULT_RANGES, "short_delta")}
RANGES = st.sampled_from(
    [
        {},
        OPEN,
        OPEN | {"probability_of_profit": Range(0.4, None)},
        OPEN | {"return_on_risk": Range(0.2, 3.0), "delta": Range(-0.3, 0.2)},
        OPEN | {"days_to_expiration": Range(5, 30)},
        {"quote_age": Range(None, 90)},
        {"quote_age": Range(5, 200)},
        OPEN | {"liquidity": Range(0.3, None), "fill_price": Range(-2, 2)},
    ]
)
ONE = st.sampled_from([s.name for s in STRATEGIES])
NAMES = st.one_of(st.just(("vertical",)), st.lists(ONE, min_size=1, max_size=3, unique=True).map(tuple))
SPECS = st.builds(
    ScanSpec,
    strategies=NAMES,
    ranges=RANGES,
    rank_by=st.sampled_from(["score", "score", "expected_value", "return_on_risk", "quote_age"]),
    include_undefined_risk=st.booleans(),
    limit=st.integers(1, 30),
)
PRESETS = [
    scan_spec_of(overlaid(preset.spec, spec_pb2.ScanSpec(underlying="X"), ()), "spec")
    for preset in BUILT_IN.values()
]
PRESET_SPECS = st.builds(replace, st.sampled_from(PRESETS), strategies=NAMES, limit=st.integers(1, 30))
EVENTS = ["tick", "pause", "surface", "unknown", "midnight", "day"]
CHANCES = [0.72, 0.12, 0.06, 0.02, 0.05, 0.03]


@dataclass
class Live:
    """A market that goes on, and what is scanned of it tick by tick."""

    market: Market
    spec: ScanSpec
    spare: int
    view: View = field(init=False)
    incremental: IncrementalScan = field(init=False)

    def __post_init__(self) -> None:
        self.view = self.market.view
        self.incremental = IncrementalScan(self.spec, spare=self.spare)
        self.incremental.rank(self.view)

    def ranked_after(self, event: str, rng: np.random.Generator) -> Ranking:
        """Let something happen, tell the scan what has changed, and rank."""
        now = self.view.market_time + self._seconds(event, rng)
        changed = self._quote(now, rng)
        if event == "surface":
            self._take_surface(now)
        else:
            legs = self.view.legs.copy()
            revalue(legs, changed, self.market.chain, self.market.quotes, self.view.surface)
            self.view = replace(self.view, legs=legs, market_time=now)
        return self.incremental.rank(self.view, None if event == "unknown" else changed)

    def _seconds(self, event: str, rng: np.random.Generator) -> float:
        match event:
            case "pause":
                return float(rng.choice([30.0, 40.0, 200.0]))
            case "midnight":  # to a second before it: a tick or two further it is another day
                return max(next_midnight(self.view.market_time) - 1 - self.view.market_time, 0.6)
            case "day":
                return 86_400.0
            case _:
                return float(rng.choice([0.0, 0.1, 0.6]))

    def _quote(self, now: float, rng: np.random.Generator) -> Rows:
        """Change some quotes, take some away and bring some back; their rows, n for the share."""
        quotes, n = self.market.quotes, len(self.market.chain)
        rows = rng.choice(n, rng.integers(0, 4), replace=False)
        before = np.nan_to_num(quotes.bid[rows], nan=0.5)
        bid = np.maximum(before + rng.normal(0, 0.1, len(rows)), 0).round(2)
        ask = bid + rng.uniform(0.01, 0.3, len(rows)).round(2)
        bid[rng.random(len(rows)) < 0.15] = np.nan
        ask[rng.random(len(rows)) < 0.05] = -1.0
        quotes.update(rows, bid=bid, ask=ask, quote_time=np.full(len(rows), now))
        if rng.random() >= 0.3:
            return rows.astype(np.int32)
        share, step = quotes.underlying, float(rng.choice([-0.02, 0.01, np.nan]))
        share.update(time=now, bid=share.last if np.isnan(step) else share.bid + step, ask=share.ask + 0.01)
        return np.append(rows, n).astype(np.int32)

    def _take_surface(self, now: float) -> None:
        market, number = self.market, self.view.surface.number + 1
        surface = take_surface(market.chain, market.quotes, now, number, market.settings)
        self.view = View(market.chain, legs_on(market.chain, market.quotes, surface), surface, now)


def everything_in(ranking: Ranking) -> list[tuple[object, ...]]:
    """All of each candidate but its age, which goes on without a tick."""
    figures = [np.delete(c.figures, FIGURE_INDEX["quote_age"]).tobytes() for c in ranking.candidates]
    return [
        (c.strategy, c.rows, c.score, of, c.parts.tobytes(), c.breakevens, c.quote_times)
        for c, of in zip(ranking.candidates, figures, strict=True)
    ]


@pytest.mark.timeout(300 + CASES)
@settings(deadline=None, max_examples=CASES)
# A debit carried to expiration leaves the collar no gain: what its score can be at most must hold then too.
@example(seed=1, spec=ScanSpec(strategies=("long_strangle", "collar"), limit=1), spare=1)
@given(seed=st.integers(0, 10_000_000), spec=st.one_of(SPECS, SPECS, PRESET_SPECS), spare=st.integers(0, 12))
def test_incremental_is_the_full_ranking(seed: int, spec: ScanSpec, spare: int) -> None:
    rng = np.random.default_rng(seed)
    markets = [Live(random_market(seed + i, strikes=5, expirations=2 + i), spec, spare) for i in range(2)]
    for event in rng.choice(EVENTS, STEPS, p=CHANCES).tolist():
        live = markets[rng.integers(0, 2)]
        found = live.ranked_after(event, rng)
        assert everything_in(found) == everything_in(scan(live.view, spec))


def test_a_tick_forms_no_more_than_the_spreads_of_its_contract() -> None:
    rng = np.random.default_rng(5)
    live = Live(random_market(5, strikes=7), ScanSpec(ranges=OPEN, limit=5), spare=256)
    for _ in range(50):
        live.ranked_after("tick", rng)
    assert live.incremental.passes == 1
