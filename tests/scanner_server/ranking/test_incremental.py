"""Ranking what has changed gives what ranking everything gives, order included."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner_server.filters.spec import DEFAULT_RANGES, Range, ScanSpec
from scanner_server.legs.valuation import revalue
from scanner_server.ranking.incremental import IncrementalScan, scan
from scanner_server.ranking.view import View
from tests.scanner_server.market import Market, random_market

OPEN = {name: Range() for name in (*DEFAULT_RANGES, "short_delta")}
RANGES = st.sampled_from(
    [
        {},
        OPEN,
        OPEN | {"probability_of_profit": Range(0.4, None)},
        OPEN | {"return_on_risk": Range(0.2, 3.0), "delta": Range(-0.3, 0.2)},
        {"quote_age": Range(None, 90)},
        {"quote_age": Range(5, 200)},
        OPEN | {"liquidity": Range(0.3, None), "fill_price": Range(-2, 2)},
    ]
)
SPECS = st.builds(
    ScanSpec,
    strategies=st.sampled_from([("vertical",), ("bull_put", "bear_call"), ("vertical", "iron_condor")]),
    ranges=RANGES,
    rank_by=st.sampled_from(["score", "score", "expected_value", "return_on_risk", "quote_age"]),
    limit=st.integers(1, 30),
)


def ticked(market: Market, view: View, rng: np.random.Generator, seconds: float) -> tuple[View, np.ndarray]:
    """The view after some quotes have changed, and their rows."""
    n = len(market.chain)
    rows = rng.choice(n, rng.integers(0, 4), replace=False)
    now = view.market_time + seconds
    bid = np.maximum(market.quotes.bid[rows] + rng.normal(0, 0.1, len(rows)), 0).round(2)
    bid[rng.random(len(rows)) < 0.1] = np.nan
    ask = np.nan_to_num(bid, nan=0.5) + rng.uniform(0.01, 0.3, len(rows)).round(2)
    market.quotes.update(rows, bid=bid, ask=ask, quote_time=np.full(len(rows), now))
    changed = np.append(rows, n).astype(np.int32) if rng.random() < 0.3 else rows.astype(np.int32)
    legs = view.legs.copy()
    if n in changed:
        quote = market.quotes.underlying
        quote.update(time=now, bid=quote.bid + 0.01, ask=quote.ask + 0.01)
    revalue(legs, changed, market.chain, market.quotes, view.surface)
    return replace(view, legs=legs, market_time=now), changed


def spreads(ranking) -> list[tuple[str, tuple[int, ...], float, tuple[float, ...]]]:
    return [(c.strategy, c.rows, c.score, c.quote_times) for c in ranking.candidates]


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 1_000_000), spec=SPECS, spare=st.integers(0, 12))
def test_incremental_is_the_full_ranking(seed: int, spec: ScanSpec, spare: int) -> None:
    rng = np.random.default_rng(seed)
    market = random_market(seed, strikes=5)
    view = market.view
    incremental = IncrementalScan(spec, spare=spare)
    incremental.rank(view)
    for _ in range(15):
        view, changed = ticked(
            market, view, rng, float(rng.choice([0.0, 0.1, 40.0, 86_400.0], p=[0.4, 0.4, 0.15, 0.05]))
        )
        assert spreads(incremental.rank(view, changed)) == spreads(scan(view, spec))


def test_a_tick_forms_no_more_than_the_spreads_of_its_contract() -> None:
    market = random_market(5, strikes=7)
    rng = np.random.default_rng(5)
    incremental, view = IncrementalScan(ScanSpec(ranges=OPEN, limit=5)), market.view
    incremental.rank(view)
    for _ in range(50):
        view, changed = ticked(market, view, rng, 0.1)
        incremental.rank(view, changed)
    assert incremental.passes == 1
