"""Every figure against the slow reference: on a real instant, and for any legs on random markets."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scanner_server.figures.table import FIGURE_INDEX, FIGURE_NAMES
from scanner_server.filters.spec import DEFAULT_RANGES, Range, ScanSpec
from scanner_server.ranking.kernel import blank_details, describe
from scanner_server.ranking.view import inputs_of
from scanner_server.strategies.registry import STRATEGIES
from tests.scanner_server.market import Market, random_market, read_goog
from tests.scanner_server.reference.figures import figures, ratio, score
from tests.scanner_server.reference.payoff import breakevens

OPEN = {name: Range() for name in (*DEFAULT_RANGES, "short_delta")}
TWO_EXPIRATIONS = {"calendar", "diagonal"}
EXACT = FIGURE_NAMES[: FIGURE_INDEX["breakeven_distance"]]


@pytest.fixture(scope="module")
def goog() -> Market:
    return read_goog()


def tolerance(name: str) -> float:
    greek = FIGURE_INDEX["delta"] <= FIGURE_INDEX[name] <= FIGURE_INDEX["bought_implied_volatility"]
    return 1e-9 if name in EXACT and not greek else 1e-6


def check(found: dict[str, float], expected: dict[str, float]) -> None:
    # Where vega nearly cancels, the relative error of this ratio has no bound. Theta and vega are compared;
    # it must be the ratio of the two that were found.
    assert found["theta_vega_ratio"] == pytest.approx(
        ratio(found["theta"], found["vega"]), rel=1e-12, nan_ok=True
    )
    for name, value in expected.items():
        if name != "theta_vega_ratio":
            bound = tolerance(name)
            assert found[name] == pytest.approx(value, rel=bound, abs=bound, nan_ok=True), name


def compare(market: Market, spec: ScanSpec, every: int) -> int:
    """Compare every so-manieth listed candidate; returns how many."""
    ranking = market.scan(spec)
    sample = ranking.candidates[::every]
    contracts = [*market.options, market.share]
    for candidate in sample:
        legs = [(q, contracts[row]) for q, row in zip(candidate.quantities, candidate.rows, strict=True)]
        expiry = market.expiries[market.chain.expiration[candidate.rows[-1]]]
        expected = figures(legs, expiry, slippage=spec.slippage, forecast=spec.forecast_volatility)
        check(dict(zip(FIGURE_NAMES, candidate.figures.tolist(), strict=True)), expected)
        edges = breakevens(legs, expected["fill_price"])
        assert candidate.breakevens == pytest.approx(edges, abs=1e-9)
        value, parts = score(expected, legs, expiry)
        assert candidate.parts.tolist() == pytest.approx(parts, abs=1e-6)
        assert candidate.score == pytest.approx(value, abs=1e-6)
    return len(sample)


@pytest.mark.parametrize("date", ["2015-12-31", "2016-01-15", "2016-02-19"])
@pytest.mark.parametrize("rank_by", ["score", "net_mid"])
def test_verticals_of_a_real_instant(goog: Market, date: str, rank_by: str) -> None:
    spec = ScanSpec(ranges=OPEN, expirations=(date,), rank_by=rank_by, limit=1000)
    assert compare(goog, spec, 50) == 20


@pytest.mark.parametrize("name", [s.name for s in STRATEGIES if s.family not in TWO_EXPIRATIONS])
def test_every_strategy_on_a_real_instant(goog: Market, name: str) -> None:
    spec = ScanSpec(
        strategies=(name,),
        ranges=OPEN | {"strike": Range(715, 790)},
        expirations=("2016-01-15",),
        include_undefined_risk=True,
        limit=1000,
        slippage=0.1,
        forecast_volatility=0.3,
    )
    assert compare(goog, spec, 100) > 0


LEG = st.tuples(st.integers(0, 13), st.sampled_from([-2, -1, 1, 2]))


@settings(deadline=None, max_examples=60)
@example(seed=1, picks=[(6, -2), (7, 2)])  # a call against the put of its strike: next to no vega
@example(seed=2606, picks=[(1, 1)])  # a gain so improbable that 1 - p would lose its digits
@given(seed=st.integers(0, 10_000), picks=st.lists(LEG, min_size=1, max_size=4, unique_by=lambda p: p[0]))
def test_any_legs_of_one_expiration(seed: int, picks: list[tuple[int, int]]) -> None:
    market = random_market(seed, expirations=1)
    by_strike = sorted(range(14), key=lambda row: (market.chain.strike[row], row))
    legs = [(by_strike[place], quantity) for place, quantity in sorted(picks)]
    if any(math.isnan(market.options[row].mid) for row, _ in legs) or math.isnan(market.expiries[0].atm):
        return
    inputs = inputs_of(market.view, ScanSpec(), np.array([row for row, _ in legs], np.int32))
    rows = np.full((1, 4), -1, np.int32)
    quantities = np.zeros((1, 4))
    rows[0, : len(legs)] = [row for row, _ in legs]
    quantities[0, : len(legs)] = [quantity for _, quantity in legs]
    details = blank_details(1)
    describe(inputs, rows, quantities, details)
    expected = figures([(q, market.options[row]) for row, q in legs], market.expiries[0])
    check(dict(zip(FIGURE_NAMES, details.figures[0].tolist(), strict=True)), expected)
