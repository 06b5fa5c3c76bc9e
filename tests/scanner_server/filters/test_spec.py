"""A spec that cannot be served names its field; defaults hold until they are cleared."""

import math
from typing import Any

import pytest
from spreadmesh.scan.v1.spec_pb2 import ScoreWeights

from scanner_server.filters.spec import InvalidSpec, Range, ScanSpec
from scanner_server.score.weights import BALANCED, COMPONENTS

NAN = math.nan


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"strategies": ()}, "strategies"),
        ({"strategies": ("vertical", "martingale")}, "strategies[1]"),
        ({"ranges": {"luck": Range(0, 1)}}, "ranges[luck]"),
        ({"ranges": {"delta": Range(0.5, 0.1)}}, "ranges[delta]"),
        ({"ranges": {"delta": Range(NAN, None)}}, "ranges[delta]"),
        ({"ranges": {"moneyness": Range(None, NAN)}}, "ranges[moneyness]"),
        ({"slippage": 1.01}, "slippage"),
        ({"slippage": NAN}, "slippage"),
        ({"commission_per_contract": -0.01}, "commission_per_contract"),
        ({"weights": {"beauty": 1.0}}, "weights[beauty]"),
        ({"weights": {"delta": -1.0}}, "weights[delta]"),
        ({"weights": {"delta": NAN}}, "weights[delta]"),
        ({"weights": {"delta": 0.0}}, "weights"),
        ({"weights": {}}, "weights"),
        ({"forecast_volatility": 0.0}, "forecast_volatility"),
        ({"forecast_volatility": NAN}, "forecast_volatility"),
        ({"forecast_volatility": 0.2, "forecast_realized": True}, "forecast_realized"),
        ({"rank_by": "luck"}, "rank_by"),
        ({"limit": 0}, "limit"),
        ({"limit": 1001}, "limit"),
    ],
)
def test_a_wrong_field_is_named(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidSpec) as error:
        ScanSpec(**wrong)
    assert error.value.field == field
    assert error.value.description


def test_defaults_hold_until_cleared() -> None:
    spec = ScanSpec()
    assert spec.bounds("days_to_expiration") == (1, 60)
    assert spec.bounds("return_on_risk_after_commission") == (0.05, math.inf)
    assert spec.bounds("bid_ask_width") == spec.bounds("bid_ask_fraction") == (-math.inf, 0.15)
    assert spec.bounds("quote_age") == (-math.inf, 300)
    assert spec.credit_short_delta == 0.40
    cleared = ScanSpec(ranges={"days_to_expiration": Range(), "short_delta": Range()})
    assert cleared.bounds("days_to_expiration") == (-math.inf, math.inf)
    assert cleared.credit_short_delta == math.inf


def test_the_balanced_weights_are_those_of_the_contract() -> None:
    fields = ScoreWeights.DESCRIPTOR.fields
    assert list(COMPONENTS) == list(BALANCED) == [field.name for field in fields]
    assert sum(BALANCED.values()) == pytest.approx(1)
