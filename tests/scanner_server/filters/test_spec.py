"""A spec that cannot be served names its field; defaults hold until they are cleared."""

import math
from typing import Any

import pytest

from scanner_server.filters.spec import InvalidSpec, Range, ScanSpec
from scanner_server.score.weights import COMPONENTS, PRESETS

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
    assert spec.bounds("return_on_risk_cash") == (0.05, math.inf)
    assert spec.bounds("bid_ask_width") == spec.bounds("bid_ask_width_ratio") == (-math.inf, 0.15)
    assert spec.bounds("quote_age") == (-math.inf, 300)
    assert spec.credit_short_delta == 0.40
    cleared = ScanSpec(ranges={"days_to_expiration": Range(), "short_delta": Range()})
    assert cleared.bounds("days_to_expiration") == (-math.inf, math.inf)
    assert cleared.credit_short_delta == math.inf


def test_a_net_price_is_the_fill_price() -> None:
    assert ScanSpec(ranges={"net_price": Range(None, -1)}).bounds("fill_price") == (-math.inf, -1)
    assert ScanSpec(rank_by="net_price").rank_by == "net_price"


def test_presets_weigh_every_component() -> None:
    for weights in PRESETS.values():
        assert set(weights) == set(COMPONENTS)
        assert sum(weights.values()) == pytest.approx(1)
