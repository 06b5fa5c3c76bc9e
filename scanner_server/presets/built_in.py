"""Presets that come with the server (docs/presets.md says what each is for)."""

from typing import Final

from spreadmesh.scan.v1.preset_service_pb2 import Preset
from spreadmesh.scan.v1.spec_pb2 import FigureRange, Range, ScanFilters, ScanSpec, ScoreWeights

from scanner_server.score.weights import BALANCED

_PRESETS: Final = (
    Preset(
        built_in=True,
        name="balanced",
        summary="The weights and filters of a scan that names none.",
        spec=ScanSpec(weights=ScoreWeights(**BALANCED)),
    ),
    Preset(
        built_in=True,
        name="conservative",
        summary="Likely profits far from the money, in liquid contracts, with little direction.",
        spec=ScanSpec(
            weights=ScoreWeights(
                probability_of_profit=0.35,
                return_on_risk=0.05,
                liquidity=0.25,
                delta=0.20,
                theta=0.05,
                vega=0.05,
                implied_volatility=0.05,
            ),
            filters=ScanFilters(
                days_to_expiration=Range(lower=7, upper=60),
                short_delta=Range(upper=0.20),
                open_interest=Range(lower=100),
                max_bid_ask_fraction=0.10,
                max_bid_ask_width=0.10,
                figures=[FigureRange(figure="probability_of_profit", range=Range(lower=0.70))],
            ),
        ),
    ),
    Preset(
        built_in=True,
        name="aggressive",
        summary="More to gain than to lose, at a chance of one in four at least.",
        spec=ScanSpec(
            weights=ScoreWeights(
                probability_of_profit=0.15,
                return_on_risk=0.55,
                liquidity=0.10,
                implied_volatility=0.10,
                width=0.10,
            ),
            filters=ScanFilters(
                short_delta=Range(upper=0.60),
                figures=[
                    FigureRange(figure="return_on_risk_after_commission", range=Range(lower=1.0)),
                    FigureRange(figure="probability_of_profit", range=Range(lower=0.25)),
                ],
            ),
        ),
    ),
)

BUILT_IN: Final = {preset.name: preset for preset in _PRESETS}
