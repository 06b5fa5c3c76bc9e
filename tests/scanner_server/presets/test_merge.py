"""A merged spec, read as the scanner reads it, against the two that it was made of."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from spreadmesh.scan.v1.spec_pb2 import FigureRange, Range, ScanFilters, ScanSpec, ScoreWeights

from scanner_server.filters.spec import ScanSpec as Spec
from scanner_server.presets.built_in import BUILT_IN
from scanner_server.presets.checks import checked
from scanner_server.presets.merge import overlaid
from scanner_server.translation.spec import scan_spec_of

OWN_FIELDS = ("strike", "moneyness", "short_delta", "open_interest", "days_to_expiration")
UPPER_FIELDS = ("max_bid_ask_fraction", "max_bid_ask_width", "max_quote_age")
FIGURES = ("delta", "probability_of_profit", "days_to_expiration", "quote_age", "width")
CLEARED = ("all", "days_to_expiration", "bid_ask_width", "quote_age", "short_delta")

numbers = st.integers(0, 9).map(float)
ranges = st.builds(
    lambda ends, kept: Range(
        **{name: end for name, end in zip(("lower", "upper"), ends, strict=True) if name in kept}
    ),
    st.tuples(numbers, numbers).map(sorted),
    st.sets(st.sampled_from(["lower", "upper"])),
)
optional = {"slippage": st.floats(0, 1), "commission_per_contract": numbers, "limit": st.integers(1, 9)}


@st.composite
def filters(draw: Any) -> ScanFilters:
    fields = draw(st.fixed_dictionaries({}, optional=dict.fromkeys(OWN_FIELDS, ranges)))
    uppers = draw(st.fixed_dictionaries({}, optional=dict.fromkeys(UPPER_FIELDS, numbers)))
    # A name is bounded once: as a field or as a figure.
    free = [name for name in FIGURES if name not in fields and f"max_{name}" not in uppers]
    figures = draw(st.dictionaries(st.sampled_from(free), ranges)) if free else {}
    return ScanFilters(
        **fields,
        **uppers,
        figures=[FigureRange(figure=name, range=bounds) for name, bounds in figures.items()],
        clear_defaults=draw(st.lists(st.sampled_from(CLEARED), max_size=3)),
    )


FORECASTS: list[dict[str, Any]] = [
    {},
    {"forecast_volatility": 0.3},
    {"forecast_volatility": 2.0},
    {"forecast_realized": True},
]


@st.composite
def specs(draw: Any) -> ScanSpec:
    weights = draw(st.none() | st.builds(ScoreWeights, delta=st.just(1.0), theta=numbers))
    return ScanSpec(
        underlying="ACME",
        filters=draw(filters()),
        strategies=draw(st.lists(st.sampled_from(["bull_call", "iron_condor"]), max_size=2)),
        weights=weights,
        include_undefined_risk=draw(st.booleans()),
        **draw(st.fixed_dictionaries({}, optional=optional)),
        **draw(st.sampled_from(FORECASTS)),
    )


def merged(preset: ScanSpec, own: ScanSpec) -> Spec:
    return scan_spec_of(overlaid(preset, own, scan_spec_of(own, "spec").ranges), "spec")


def forecast(spec: Spec) -> tuple[float | None, bool]:
    return spec.forecast_volatility, spec.forecast_realized


@given(specs(), specs())
def test_what_is_given_wins_and_the_preset_stands_for_the_rest(preset: ScanSpec, own: ScanSpec) -> None:
    both, theirs, mine = merged(preset, own), scan_spec_of(preset, "spec"), scan_spec_of(own, "spec")
    assert dict(both.ranges) == {**theirs.ranges, **mine.ranges}
    for name in optional:
        assert getattr(both, name) == getattr(mine if own.HasField(name) else theirs, name)  # type: ignore[arg-type] # by name
    assert both.strategies == (mine if own.strategies else theirs).strategies
    assert both.weights == (mine if own.HasField("weights") else theirs).weights
    forecasts = mine if own.forecast_realized or own.HasField("forecast_volatility") else theirs
    assert forecast(both) == forecast(forecasts)
    assert both.include_undefined_risk == (mine.include_undefined_risk or theirs.include_undefined_risk)


@given(specs())
def test_a_preset_of_nothing_changes_nothing(own: ScanSpec) -> None:
    assert merged(ScanSpec(), own) == scan_spec_of(own, "spec")


def test_dates_given_stay() -> None:
    own = ScanSpec(underlying="ACME", preset="x", filters=ScanFilters(expirations=["2026-03-20"]))
    both = overlaid(BUILT_IN["conservative"].spec, own, ())
    assert (list(both.filters.expirations), both.preset) == (["2026-03-20"], "")


def test_those_built_in_can_be_asked_for_and_balanced_is_the_default() -> None:
    assert set(BUILT_IN) == {"balanced", "conservative", "aggressive"}
    assert all(preset.built_in and preset.summary and checked(preset) for preset in BUILT_IN.values())
    assert merged(BUILT_IN["balanced"].spec, ScanSpec(underlying="ACME")) == Spec()
