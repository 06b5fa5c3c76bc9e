"""Expected values under the realized volatility, and without one."""

import math
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner_server.figures.table import FIGURE_INDEX
from scanner_server.filters.spec import DEFAULT_RANGES, Range, ScanSpec
from scanner_server.ranking import pruning
from scanner_server.ranking.incremental import IncrementalScan, scan
from scanner_server.ranking.ranking import Ranking
from tests.scanner_server.market import random_market

OPEN = {name: Range() for name in (*DEFAULT_RANGES, "short_delta")}
STRATEGIES = ("vertical", "iron_condor", "calendar", "covered_call")
EXPECTATIONS = (
    *("expected_value", "expected_gain", "expected_loss", "average_gain"),
    *("expected_value_cash", "margin_efficiency", "kelly_fraction"),
)
COLUMNS = [FIGURE_INDEX[name] for name in EXPECTATIONS]
OTHERS = [column for name, column in FIGURE_INDEX.items() if name not in EXPECTATIONS]


def spec(**fields: object) -> ScanSpec:
    chosen = {"strategies": STRATEGIES, "ranges": OPEN, "rank_by": "net_mid", "limit": 1000}
    return ScanSpec(**{**chosen, **fields})  # type: ignore[arg-type] # by name


def listed(ranking: Ranking) -> list[tuple[str, tuple[int, ...], float]]:
    return [(c.strategy, c.rows, c.score) for c in ranking.candidates]


def figures(ranking: Ranking) -> np.ndarray:
    return np.array([candidate.figures for candidate in ranking.candidates])


@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 1_000_000),
    volatility=st.floats(0.02, 3),
    by=st.sampled_from(["score", "expected_value"]),
)
def test_figures_are_those_under_the_same_number(seed: int, volatility: float, by: str) -> None:
    view = random_market(seed).view
    realized = scan(replace(view, realized_volatility=volatility), spec(forecast_realized=True, rank_by=by))
    number = scan(view, spec(forecast_volatility=volatility, rank_by=by))
    assert listed(realized) == listed(number)
    assert np.array_equal(figures(realized), figures(number), equal_nan=True)


def test_another_forecast_leaves_it_unread() -> None:
    view = random_market(3).view
    told = replace(view, realized_volatility=0.9)
    for asked in (spec(), spec(forecast_volatility=0.3)):
        assert np.array_equal(figures(scan(told, asked)), figures(scan(view, asked)), equal_nan=True)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 1_000_000))
def test_without_one_what_is_made_of_it_is_absent_and_nothing_else(seed: int) -> None:
    view = random_market(seed).view
    absent, at_the_money = (
        {(c.strategy, c.rows): c.figures for c in scan(view, asked).candidates}
        for asked in (spec(forecast_realized=True), spec())
    )
    assert absent.keys() == at_the_money.keys()
    for key, found in absent.items():
        assert np.isnan(found[COLUMNS]).all()
        assert np.array_equal(found[OTHERS], at_the_money[key][OTHERS], equal_nan=True)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 1_000_000), by=st.sampled_from(["score", "return_on_risk", "expected_value"]))
def test_without_one_pruning_lists_what_forming_every_spread_lists(seed: int, by: str) -> None:
    view = random_market(seed, strikes=9).view
    asked = spec(strategies=("iron_condor", "call_condor"), forecast_realized=True, rank_by=by, limit=10)
    with patch.object(pruning, "FEW", 10**9):
        every = scan(view, asked)
    with patch.object(pruning, "FEW", 0):
        assert listed(scan(view, asked)) == listed(every)
    assert bool(every.candidates) <= (by != "expected_value")


def test_a_ranking_does_not_go_on_when_it_has_come() -> None:
    view = random_market(5).view
    incremental = IncrementalScan(spec(forecast_realized=True, limit=10))
    incremental.rank(view)
    told = replace(view, realized_volatility=0.4)
    ranking = incremental.rank(told, np.empty(0, np.int32))
    assert incremental.passes == 2
    assert not math.isnan(ranking.candidates[0].figure("expected_value"))
    again = incremental.rank(replace(told, market_time=view.market_time + 0.1), np.empty(0, np.int32))
    assert incremental.passes == 2
    assert again.candidates[0].figure("expected_value") == pytest.approx(
        ranking.candidates[0].figure("expected_value")
    )
