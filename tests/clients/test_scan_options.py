from collections.abc import Sequence

import pytest
import typer
from spreadmesh.scan.v1.spec_pb2 import FigureRange, Range, ScanFilters, ScanSpec, ScoreWeights
from spreadmesh_client.cli.scan_spec import (
    build_filters,
    build_spec,
    parse_conditions,
    parse_forecast,
    parse_weights,
)

NONE = (None, None)
Bounds = tuple[float | None, float | None]


def filters(
    *,
    dte: Bounds = NONE,
    strike: Bounds = NONE,
    short_delta: Bounds = NONE,
    min_pop: float | None = None,
    min_return: float | None = None,
    where: Sequence[str] = (),
) -> ScanFilters:
    return build_filters(
        dte=dte,
        expirations=(),
        strike=strike,
        short_delta=short_delta,
        min_pop=min_pop,
        min_return=min_return,
        where=where,
        clear_defaults=(),
    )


def test_nothing_given_leaves_everything_to_the_server() -> None:
    spec = build_spec(
        "goog",
        filters(),
        strategies=(),
        rank_by=None,
        slippage=None,
        commission=None,
        limit=None,
        undefined_risk=False,
    )
    assert spec == ScanSpec(underlying="GOOG", filters=ScanFilters())


def test_zero_is_given() -> None:
    spec = build_spec(
        "GOOG",
        filters(),
        strategies=(),
        rank_by=None,
        slippage=0.0,
        commission=0.0,
        limit=None,
        undefined_risk=False,
    )
    assert spec.HasField("slippage")
    assert spec.HasField("commission_per_contract")


def test_one_side_keeps_the_default_of_the_other() -> None:
    found = filters(dte=(20, None), short_delta=(None, 0.3), strike=(700, None))
    assert found.days_to_expiration == Range(lower=20, upper=60)
    assert found.short_delta == Range(lower=0, upper=0.3)
    assert found.strike == Range(lower=700)


def test_conditions_on_one_figure_make_one_range() -> None:
    found = filters(
        min_pop=0.6, min_return=0.1, where=["delta<=0.1", "delta >= -0.1", "probability_of_profit<=0.9"]
    )
    assert {f.figure: f.range for f in found.figures} == {
        "delta": Range(lower=-0.1, upper=0.1),
        "probability_of_profit": Range(lower=0.6, upper=0.9),
        "return_on_risk_after_commission": Range(lower=0.1),
    }
    assert FigureRange(figure="delta", range=Range(lower=-0.1, upper=0.1)) in found.figures


@pytest.mark.parametrize(
    "condition", ["delta", "delta>1", "delta>=x", "delta=1", ">=1", "Delta>=1", "delta>=1e"]
)
def test_other_forms_are_refused_by_name(condition: str) -> None:
    with pytest.raises(typer.BadParameter, match="is not"):
        parse_conditions([condition])


def test_weights_are_those_named_and_a_preset_stands_for_the_rest() -> None:
    weights = parse_weights(["delta=2", " liquidity = 0.5"])
    assert weights == ScoreWeights(delta=2, liquidity=0.5)
    assert parse_weights([]) is None
    spec = build_spec(
        "goog",
        filters(),
        strategies=(),
        rank_by=None,
        slippage=None,
        commission=None,
        limit=None,
        undefined_risk=False,
        weights=weights,
        preset="mine",
    )
    assert spec == ScanSpec(underlying="GOOG", filters=ScanFilters(), weights=weights, preset="mine")


def test_a_forecast_is_a_word_or_a_number() -> None:
    assert parse_forecast(None) == ScanSpec()
    assert parse_forecast("realized") == ScanSpec(forecast_realized=True)
    assert parse_forecast("0.25") == ScanSpec(forecast_volatility=0.25)
    for wrong in ("realised", "", "25%"):
        with pytest.raises(typer.BadParameter, match="neither"):
            parse_forecast(wrong)
