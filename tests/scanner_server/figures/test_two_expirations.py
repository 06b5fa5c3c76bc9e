"""Spreads over two expirations against a slow computation, on random markets and on a real instant."""

import math
import random
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from scanner_server.figures.cheap import quote_figures
from scanner_server.figures.inputs import Inputs
from scanner_server.figures.pieces import breakevens_within, extremes_within
from scanner_server.figures.repricing import repriced
from scanner_server.figures.table import FIGURE_INDEX, FIGURE_NAMES
from scanner_server.figures.two_expirations import MOST_CROSSINGS, two_expiration_figures
from scanner_server.filters.spec import ScanSpec
from scanner_server.ranking.view import inputs_of
from tests.scanner_server.market import Market, random_market, read_goog
from tests.scanner_server.reference import two_expirations as reference

EXACT = {"max_profit", "max_loss", "breakeven_distance", "probability_of_profit"}
FROM_PAYOFF = FIGURE_NAMES[FIGURE_INDEX["max_profit"] :]

Picks = list[tuple[int, int]]  # rows and quantities


@pytest.fixture(scope="module")
def goog() -> Market:
    return read_goog()


def computed(
    market: Market, picks: Picks, forecast: float | None = None
) -> tuple[dict[str, float], list[float]]:
    """Figures and breakevens of the compiled functions; what `found` held before must not matter."""
    rows = np.array([row for row, _ in picks], np.int32)
    quantities = np.array([quantity for _, quantity in picks], np.float64)
    inputs = inputs_of(market.view, ScanSpec(forecast_volatility=forecast), rows)
    f, found = np.full(len(FIGURE_NAMES), 7.0), np.full(MOST_CROSSINGS, 7.0)
    quote_figures(inputs, rows, quantities, f)
    two_expiration_figures(inputs, rows, quantities, f, found)
    return dict(zip(FIGURE_NAMES, f.tolist(), strict=True)), found[~np.isnan(found)].tolist()


def slowly(
    market: Market, picks: Picks, f: dict[str, float], forecast: float | None = None
) -> tuple[dict[str, float], list[float]]:
    expiries = [market.expiries[market.chain.expiration[row]] for row in (picks[0][0], picks[-1][0])]
    legs = [(quantity, market.options[row]) for row, quantity in picks]
    return reference.two_expiration_figures(
        legs, expiries[0], expiries[1], f["fill_price"], fee=f["fee"], forecast=forecast
    )


def compare(market: Market, picks: Picks, forecast: float | None = None) -> int:
    """Compare every figure; returns how many breakevens there are."""
    found, edges = computed(market, picks, forecast)
    expected, expected_edges = slowly(market, picks, found, forecast)
    assert edges == pytest.approx(expected_edges, rel=1e-9)
    for name in FROM_PAYOFF:
        bound = 1e-9 if name in EXACT else 1e-4
        value = expected.get(name, math.nan)
        assert found[name] == pytest.approx(value, rel=bound, abs=bound, nan_ok=True), name
    return len(edges)


def in_order(market: Market, picks: Picks) -> Picks:
    chain = market.chain
    return sorted(picks, key=lambda pick: (chain.expiration[pick[0]], chain.strike[pick[0]], pick[0]))


QUANTITY = st.sampled_from([-2, -1, 1, 2])
LEGS = st.sampled_from([(1, 1), (2, 2), (1, 2), (2, 1), (1, 3), (3, 1)]).flatmap(
    lambda counts: st.tuples(
        st.lists(st.tuples(st.integers(0, 13), QUANTITY), min_size=counts[0], max_size=counts[0]),
        st.lists(st.tuples(st.integers(14, 27), QUANTITY), min_size=counts[1], max_size=counts[1]),
    )
)
FORECAST = st.sampled_from([None, None, 0.1, 0.6, 1.5, 4.0])


@settings(deadline=None, max_examples=60)
@example(seed=9874, legs=([(8, -2)], [(24, -1)]), forecast=4.0)  # a far leg that bends sharply
@example(seed=2640, legs=([(7, 2)], [(21, 2), (22, -1)]), forecast=None)  # far legs bought and sold
@example(seed=3377, legs=([(1, 2)], [(18, -2), (26, 1)]), forecast=None)
@given(seed=st.integers(0, 10_000), legs=LEGS, forecast=FORECAST)
def test_any_legs_of_two_expirations(seed: int, legs: tuple[Picks, Picks], forecast: float | None) -> None:
    market = random_market(seed)
    picks = in_order(market, legs[0] + legs[1])
    assume(len({row for row, _ in picks}) == len(picks))
    assume(not any(math.isnan(market.options[row].mid) for row, _ in picks))
    compare(market, picks, forecast)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10_000), legs=LEGS, height=st.floats(0.001, 0.999))
def test_every_crossing_of_any_level_is_found(seed: int, legs: tuple[Picks, Picks], height: float) -> None:
    market = random_market(seed)
    picks = in_order(market, legs[0] + legs[1])
    assume(len({row for row, _ in picks}) == len(picks))
    inputs, rows, quantities = spread_of(market, picks)
    spread = repriced(inputs, rows, quantities)
    assume(spread.is_priced)
    near, far = (market.expiries[market.chain.expiration[row]] for row in (rows[0], rows[-1]))
    slow = reference.Spread([(q, market.options[row]) for row, q in picks], near, far)
    low, high = slow.grid()[0], slow.grid()[-1]
    lowest, highest = extremes_within(spread, low, high)
    level = lowest + height * (highest - lowest)
    found = np.full(MOST_CROSSINGS, np.nan)
    count, starts_inside = breakevens_within(spread, level, low, high, found)
    assert found[:count].tolist() == pytest.approx(slow.crossings(level), rel=1e-9)
    assert starts_inside == (slow.value(low) > level)


def spread_of(market: Market, picks: Picks) -> tuple[Inputs, np.ndarray, np.ndarray]:
    rows = np.array([row for row, _ in picks], np.int32)
    quantities = np.array([quantity for _, quantity in picks], np.float64)
    return inputs_of(market.view, ScanSpec(), rows), rows, quantities


def calendars(market: Market, seed: int, count: int) -> list[Picks]:
    """Calendars, diagonals and their doubles near the money, near legs sold and far ones bought."""
    chain, draw, found = market.chain, random.Random(seed), []
    at = {
        (int(chain.expiration[row]), option.call, option.strike): row
        for row, option in enumerate(market.options)
        if option.bid > 0 and 690 <= option.strike <= 810
    }
    expirations = sorted({expiration for expiration, _, _ in at})
    while len(found) < count:
        near, far = sorted(draw.sample(expirations, 2))
        strikes = sorted({strike for expiration, _, strike in at if expiration == near})
        put, call = sorted(draw.sample(strikes, 2))
        shift = draw.choice([0.0, 0.0, 5.0])
        wanted = (
            [(near, True, call), (far, True, call + shift)],
            [(near, False, put), (far, False, put - shift)],
            [(near, False, put), (near, True, call), (far, False, put - shift), (far, True, call + shift)],
        )
        found.extend(
            [(at[key], -1 if key[0] == near else 1) for key in legs]
            for legs in wanted
            if all(key in at for key in legs)
        )
    return found


def test_calendars_and_diagonals_of_a_real_instant(goog: Market) -> None:
    breakevens = [compare(goog, picks) for picks in calendars(goog, 1, 60)]
    assert {2, 4} <= set(breakevens)


def test_a_simulation_agrees_within_its_error(goog: Market) -> None:
    for picks in calendars(goog, 2, 12):
        f, _ = computed(goog, picks)
        if math.isnan(f["max_profit"]):
            continue
        near, far = (goog.expiries[goog.chain.expiration[row]] for row in (picks[0][0], picks[-1][0]))
        spread = reference.Spread([(q, goog.options[row]) for row, q in picks], near, far)
        cost = near.growth * f["fill_price"]
        mean, error = reference.simulated(spread, cost, near.deviation, 20_000, seed=3)
        assert 0 < error < 0.2
        assert f["expected_value"] == pytest.approx(mean, abs=4 * error)


def test_an_average_gain_is_never_above_the_largest_profit(goog: Market) -> None:
    growths = [expiry.growth for expiry in goog.expiries]
    for picks in calendars(goog, 4, 300):
        f, _ = computed(goog, picks)
        growth = growths[goog.chain.expiration[picks[0][0]]]
        if f["expected_gain"] > 0:
            assert f["average_gain"] <= f["max_profit"] + f["fill_price"] * (1 - growth)


def test_a_negative_forward_variance_leaves_the_figures_absent(goog: Market) -> None:
    picks = calendars(goog, 1, 1)[0]
    inputs, rows, quantities = spread_of(goog, picks)
    f, found = np.zeros(len(FIGURE_NAMES)), np.zeros(MOST_CROSSINGS)
    quote_figures(inputs, rows, quantities, f)
    flat = inputs._replace(legs=inputs.legs.copy())
    flat.legs["iv"][rows[-1]] = 0.01
    two_expiration_figures(flat, rows, quantities, f, found)
    assert np.isnan(f[FIGURE_INDEX["max_profit"] :]).all()
    assert np.isnan(found).all()


@pytest.mark.parametrize(("sold", "bought"), [*product([1, 2], [1, 2])])
def test_risk_and_profit_are_without_bound_where_calls_are_uneven(
    goog: Market, sold: int, bought: int
) -> None:
    (near, _), (far, _) = next(p for p in calendars(goog, 1, 9) if goog.options[p[0][0]].call)
    f, _ = computed(goog, [(near, -sold), (far, bought)])
    assert (f["max_loss"] == math.inf) == (f["undefined_risk"] == 1) == (sold > bought)
    assert (f["max_profit"] == math.inf) == (bought > sold)


def test_more_crossings_than_there_is_room_for_leave_the_probability_absent(goog: Market) -> None:
    picks = next(p for p in calendars(goog, 1, 60) if compare(goog, p) == 4)
    inputs, rows, quantities = spread_of(goog, picks)
    f, found = np.zeros(len(FIGURE_NAMES)), np.zeros(3)
    quote_figures(inputs, rows, quantities, f)
    two_expiration_figures(inputs, rows, quantities, f, found)
    assert math.isnan(f[FIGURE_INDEX["probability_of_profit"]])
    assert f[FIGURE_INDEX["max_profit"]] > 0
