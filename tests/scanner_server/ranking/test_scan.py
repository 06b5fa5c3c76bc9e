"""A scan against brute force with the slow reference: ranking, order and counts."""

import math
from collections import Counter
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner_server.figures.table import FIGURE_NAMES
from scanner_server.filters.spec import DEFAULT_CREDIT_SHORT_DELTA, DEFAULT_RANGES, Range, ScanSpec
from scanner_server.legs.valuation import legs_on, revalue
from scanner_server.ranking.full_pass import TooManyCandidates
from scanner_server.ranking.incremental import scan
from tests.scanner_server.market import Market, random_market, read_extract
from tests.scanner_server.reference.figures import figures, score
from tests.scanner_server.reference.strategies import DEFINITIONS, spreads_of

OPEN = {name: Range() for name in (*DEFAULT_RANGES, "short_delta")}
SEEDS = st.integers(0, 100_000)
VERTICALS = ("bull_call", "bear_call", "bull_put", "bear_put")
TWO_EXPIRATIONS = ("call_calendar", "put_calendar", "call_diagonal", "put_diagonal")


def brute_force(
    market: Market, spreads, *, ranges: dict[str, Range], credit_delta: float
) -> tuple[list[tuple[str, tuple[int, ...]]], Counter[str]]:
    """Names and contract ids, best first, and how many spreads each filter turned away."""
    found, turned_away = [], Counter()
    for expiry in market.expiries:
        contracts = [*expiry.options, market.share]
        for name, legs in spreads([o for o in contracts if not math.isnan(o.mid)]):
            cheap = figures(legs, expiry, costly=False)
            failure = first_failure(cheap, legs, expiry, ranges, credit_delta)
            if failure is None:
                f = figures(legs, expiry)
                failure = first_failure(f, legs, expiry, ranges, credit_delta)
            if failure is not None:
                turned_away[failure] += 1
                continue
            value, _ = score(f, legs, expiry)
            ids = tuple(o.con_id for _, o in legs)
            found.append((-value, f["max_loss"], ids, name))
    return [(name, ids) for _, _, ids, name in sorted(found)], turned_away


def first_failure(
    f: dict[str, float], legs, expiry, ranges: dict[str, Range], credit_delta: float
) -> str | None:
    sold = [abs(expiry.greeks(o)[0]) for q, o in legs if q < 0]
    if f["fill_price"] < 0 and credit_delta < math.inf and not all(delta <= credit_delta for delta in sold):
        return "short_delta"
    for name in FIGURE_NAMES:
        if name == "max_profit" and f["max_profit"] <= 1e-9:
            return "no_profit"
        if name == "max_profit" and f["max_loss"] <= 1e-9:
            return "no_risk"
        if name in ranges and name in f and not inside(f[name], ranges[name]):
            return name
    return None


def inside(value: float, bounds: Range) -> bool:
    lower, upper = bounds
    return (lower is None or value >= lower) and (upper is None or value <= upper)


def listed(market: Market, spec: ScanSpec) -> list[tuple[str, tuple[int, ...]]]:
    ids = [*market.chain.con_id, -1]
    return [(c.strategy, tuple(int(ids[row]) for row in c.rows)) for c in market.scan(spec).candidates]


@settings(deadline=None, max_examples=6)
@given(seed=SEEDS)
def test_default_scan_is_the_brute_force_ranking(seed: int) -> None:
    """The short |delta| of credit spreads is laid on legs; the reference lays it on spreads."""
    market = random_market(seed, strikes=6)

    def spreads(options):
        good = [
            o
            for o in options
            if (o.ask - o.bid <= 0.15 or (o.ask - o.bid) / o.mid <= 0.15) and market.now - o.quote_time <= 300
        ]
        return spreads_of(VERTICALS, good)

    ranges = {"days_to_expiration": Range(1, 60), "return_on_risk_after_commission": Range(0.05)}
    expected, _ = brute_force(market, spreads, ranges=ranges, credit_delta=0.40)
    assert listed(market, ScanSpec(limit=1000)) == expected
    assert listed(market, ScanSpec(limit=5)) == expected[:5]


@pytest.mark.parametrize("name", [name for name in DEFINITIONS if name not in TWO_EXPIRATIONS])
@settings(deadline=None, max_examples=3)
@given(seed=SEEDS, credit_delta=st.sampled_from([DEFAULT_CREDIT_SHORT_DELTA, math.inf]))
def test_each_strategy_is_the_brute_force_ranking(name: str, seed: int, credit_delta: float) -> None:
    market = random_market(seed, strikes=5, expirations=1)
    bounds = {"liquidity": Range(0.2)}
    of = partial(spreads_of, [name])
    expected, _ = brute_force(market, of, ranges=bounds, credit_delta=credit_delta)
    ranges = OPEN | bounds
    if credit_delta < math.inf:
        del ranges["short_delta"]  # the default comes back
    spec = ScanSpec(strategies=(name,), ranges=ranges, include_undefined_risk=True, limit=1000)
    assert listed(market, spec) == expected
    for limit in (1, 4):  # a full list rules candidates out by what their scores can be at most
        assert listed(market, replace(spec, limit=limit)) == expected[:limit]


@settings(deadline=None, max_examples=6)
@given(seed=SEEDS)
def test_a_candidate_counts_under_the_first_filter_that_turns_it_away(seed: int) -> None:
    market = random_market(seed, strikes=6)
    ranges = {
        "fill_price": Range(None, 12.0),
        "width_to_expected_move": Range(0.2, 3.0),
        "return_on_risk": Range(0.1, 5.0),
        "delta": Range(-0.3, 0.3),
        "probability_of_profit": Range(0.3, 0.9),
        "expected_value": Range(-0.5, None),
    }
    verticals = partial(spreads_of, VERTICALS)
    _, expected = brute_force(market, verticals, ranges=ranges, credit_delta=math.inf)
    counts = market.scan(ScanSpec(ranges=OPEN | ranges)).counts
    assert counts.turned_away == dict(expected)
    assert counts.qualified == counts.formed - expected.total()


def test_leg_filters_count_the_first_that_turns_a_contract_away() -> None:
    market = read_extract()
    ranges = OPEN | {
        "strike": Range(700, 800),
        "moneyness": Range(0.95, 1.05),
        "open_interest": Range(10, None),
        "bid_ask_width": Range(None, 0.5),
        "bid_ask_fraction": Range(None, 0.03),
        "quote_age": Range(None, 90),
        "short_delta": Range(0.1, 0.35),
    }
    expected: Counter[str] = Counter()
    asked = longs = 0
    for expiry in market.expiries:
        for o in expiry.options:
            if not 700 <= o.strike <= 800:
                continue
            asked += 1
            width, delta = o.ask - o.bid, abs(expiry.greeks(o)[0])
            first = (
                "no_mid" if math.isnan(o.mid)
                else "moneyness" if not 0.95 <= o.strike / expiry.forward <= 1.05
                else "open_interest" if not o.open_interest >= 10
                else "bid_ask_width" if not (width <= 0.5 or width / o.mid <= 0.03)
                else "quote_age" if not market.now - o.quote_time <= 90
                else None
            )  # fmt: skip
            if first is None:
                longs += 1
                if not 0.1 <= delta <= 0.35:
                    first = "short_delta"
            if first:
                expected[first] += 1
    counts = market.scan(ScanSpec(ranges=ranges)).counts
    assert {name: n for name, n in counts.legs_turned_away.items() if n} == dict(expected)
    assert counts.contracts_asked == counts.contracts_quoted == asked
    assert longs > 20


@pytest.mark.parametrize("strategy", ["vertical", "jade_lizard", "broken_wing_call_butterfly"])
def test_more_candidates_than_allowed_are_refused_by_their_exact_number(strategy: str) -> None:
    market, spec = read_extract(), ScanSpec(strategies=(strategy,))
    formed = market.scan(spec).counts.formed
    assert formed > 1000
    assert scan(market.view, spec, most=formed).counts.formed == formed
    with pytest.raises(TooManyCandidates) as refusal:
        scan(market.view, spec, most=formed - 1)
    assert (refusal.value.formed, refusal.value.most) == (formed, formed - 1)


def test_any_figure_can_be_ranked_by_the_largest_first() -> None:
    spec = ScanSpec(ranges=OPEN, rank_by="expected_value", limit=30)
    values = [c.figure("expected_value") for c in read_extract().scan(spec).candidates]
    assert len(values) == 30
    assert values == sorted(values, reverse=True)


def test_candidates_without_the_figure_ranked_by_are_left_out() -> None:
    market = random_market(3)
    market.quotes.underlying.update(time=market.now, bid=-1, ask=-1, last=-1)
    counts = market.scan(ScanSpec(ranges=OPEN, rank_by="probability_of_profit")).counts
    assert counts.qualified == 0
    assert counts.turned_away["no_rank"] > 0


UNDEFINED_RISK = {"call_ratio_spread", "short_straddle", "short_strangle"}
NAKED = {"put_ratio_spread", "short_straddle", "short_strangle", "jade_lizard", "cash_secured_put"}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_risk_without_bound_and_naked_puts_are_told_and_the_first_is_listed_only_when_asked_for(
    name: str,
) -> None:
    market = read_extract()
    ranges = OPEN | {"strike": Range(730, 770)}
    spec = ScanSpec(strategies=(name,), ranges=ranges, include_undefined_risk=True)
    candidates = scan(market.view, spec).candidates
    assert {c.figure("undefined_risk") for c in candidates} == {float(name in UNDEFINED_RISK)}
    assert {c.figure("naked") for c in candidates} == {float(name in NAKED)}
    assert all(math.isinf(c.figure("max_loss")) == (name in UNDEFINED_RISK) for c in candidates)
    counts = scan(market.view, replace(spec, include_undefined_risk=False)).counts
    if name in UNDEFINED_RISK:
        assert counts.turned_away == {"undefined_risk": counts.formed}
    else:
        assert "undefined_risk" not in counts.turned_away


def test_quotes_age_out_and_expirations_come_into_range_without_a_tick() -> None:
    market = random_market(11)
    later = market.now + 301
    ranking = scan(replace(market.view, market_time=later), ScanSpec(limit=1000))
    assert ranking.counts.legs_turned_away["quote_age"] > 0
    assert ranking.counts.formed == 0
    far = ScanSpec(ranges=OPEN | {"days_to_expiration": Range(30, 30)})
    on_the_day = float(market.chain.expires_at[-1]) - 30 * 86_400
    for at, is_asked in ((on_the_day - 10 * 86_400, False), (on_the_day, True)):
        ranking = scan(replace(market.view, market_time=at), far)
        assert (ranking.counts.formed > 0) == is_asked


@settings(deadline=None, max_examples=10)
@given(seed=SEEDS, data=st.data())
def test_revaluing_changed_contracts_equals_valuing_all(seed: int, data: st.DataObject) -> None:
    market = random_market(seed)
    n = len(market.chain)
    rows = np.array(data.draw(st.lists(st.integers(0, n - 1), min_size=1, unique=True)))
    legs = legs_on(market.chain, market.quotes, market.surface)
    bid = np.where(np.isnan(market.quotes.bid[rows]), 1.0, market.quotes.bid[rows] * 0.97)
    market.quotes.update(rows, bid=bid, ask=bid + 0.5, volume=np.full(len(rows), 3.0))
    revalue(legs, rows, market.chain, market.quotes, market.surface)
    fresh = legs_on(market.chain, market.quotes, market.surface)
    for name in legs.dtype.names:
        np.testing.assert_array_equal(legs[name], fresh[name], err_msg=name)
