"""What a spec message means, against the defaults of the contract."""

import math

from spreadmesh.scan.v1.spec_pb2 import FigureRange, Range, ScanFilters, ScanSpec, ScoreWeights

from scanner_server.figures.table import FIGURE_NAMES
from scanner_server.filters import spec as filter_spec
from scanner_server.filters.rules import FILTERS
from scanner_server.score.weights import BALANCED
from scanner_server.translation.spec import DEFAULTS, scan_spec_of
from tests.scanner_server.market import read_extract


def test_an_empty_spec_has_the_defaults() -> None:
    spec = scan_spec_of(ScanSpec(underlying="GOOG"), "spec")
    assert spec.strategies == ("vertical",)
    assert (spec.slippage, spec.commission_per_contract, spec.limit) == (0.25, 0.65, 20)
    assert spec.weights == BALANCED
    assert spec.bounds("days_to_expiration") == (1, 60)
    assert spec.bounds("quote_age") == (-math.inf, 300)
    assert spec.bounds("bid_ask_fraction") == (-math.inf, 0.15)
    assert spec.bounds("return_on_risk_after_commission") == (0.05, math.inf)
    assert spec.credit_short_delta == 0.40


def test_fields_go_where_they_belong() -> None:
    filters = ScanFilters(
        days_to_expiration=Range(lower=7),
        expirations=["2026-03-20"],
        short_delta=Range(upper=0.3),
        max_bid_ask_width=0.5,
        figures=[FigureRange(figure="sold_implied_volatility", range=Range(lower=0.2))],
    )
    message = ScanSpec(
        underlying="GOOG", filters=filters, slippage=0, rank_by="return_on_risk_after_commission", limit=3
    )
    spec = scan_spec_of(message, "spec")
    assert spec.bounds("days_to_expiration") == (7, math.inf)
    assert spec.expirations == ("2026-03-20",)
    assert spec.bounds("short_delta") == (-math.inf, 0.3)
    assert spec.credit_short_delta == math.inf
    assert spec.bounds("bid_ask_width") == (-math.inf, 0.5)
    assert spec.bounds("sold_implied_volatility") == (0.2, math.inf)
    assert (spec.slippage, spec.rank_by, spec.limit) == (0.0, "return_on_risk_after_commission", 3)


def test_a_forecast_is_at_the_money_a_number_or_realized() -> None:
    plain, number, realized = (
        scan_spec_of(ScanSpec(underlying="GOOG", **fields), "spec")
        for fields in ({}, {"forecast_volatility": 0.3}, {"forecast_realized": True})
    )
    assert (plain.forecast_volatility, plain.forecast_realized) == (None, False)
    assert (number.forecast_volatility, number.forecast_realized) == (0.3, False)
    assert (realized.forecast_volatility, realized.forecast_realized) == (None, True)


def test_defaults_are_cleared_by_name_or_all_at_once() -> None:
    some = ScanFilters(clear_defaults=["quote_age", "bid_ask_width"])
    spec = scan_spec_of(ScanSpec(underlying="GOOG", filters=some), "spec")
    assert spec.bounds("quote_age") == spec.bounds("bid_ask_fraction") == (-math.inf, math.inf)
    assert spec.bounds("days_to_expiration") == (1, 60)
    every = ScanFilters(clear_defaults=["all"], max_quote_age=30)
    spec = scan_spec_of(ScanSpec(underlying="GOOG", filters=every), "spec")
    assert spec.bounds("days_to_expiration") == (-math.inf, math.inf)
    assert spec.credit_short_delta == math.inf
    assert spec.bounds("quote_age") == (-math.inf, 30)


def test_weights_given_replace_them_all() -> None:
    spec = scan_spec_of(ScanSpec(underlying="GOOG", weights=ScoreWeights(delta=2)), "spec")
    assert spec.weights == dict.fromkeys(BALANCED, 0.0) | {"delta": 2.0}


def test_every_filter_is_counted_under_a_name_of_the_contract() -> None:
    market = read_extract()
    counts = market.scan(filter_spec.ScanSpec()).counts
    given = {field.name for field in ScanFilters.DESCRIPTOR.fields} | set(DEFAULTS) | set(FIGURE_NAMES)
    assert set(counts.legs_turned_away) - given == {"no_mid"}
    assert set(FILTERS) - given == {"no_profit", "no_risk", "no_rank"}
