"""What a scan is asked for, checked field by field."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from scanner_server.figures.table import FIGURE_INDEX
from scanner_server.score.weights import BALANCED, COMPONENTS
from scanner_server.strategies.registry import resolve

MAX_LIMIT = 1000

# Ranges on each leg; a spread qualifies when all its legs (or its short, or its long legs) do.
LEG_RANGES: tuple[str, ...] = (
    "strike",
    "moneyness",
    "open_interest",
    "volume",
    "bid_ask_width",
    "bid_ask_fraction",
    "short_delta",
    "long_delta",
)


class InvalidSpec(ValueError):  # noqa: N818 - reads as what it says: raise InvalidSpec("limit", ...)
    """A scan request that cannot be served.

    Attributes:
        field: the field at fault, as the request names it.
        description: what is wrong with it.
    """

    def __init__(self, field: str, description: str) -> None:
        super().__init__(f"{field}: {description}")
        self.field = field
        self.description = description


class Range(NamedTuple):
    """Bounds, both inclusive; None is no bound. A range without bounds clears a default."""

    lower: float | None = None
    upper: float | None = None


DEFAULT_RANGES: dict[str, Range] = {
    "days_to_expiration": Range(1, 60),
    "bid_ask_width": Range(None, 0.15),
    "bid_ask_fraction": Range(None, 0.15),
    "quote_age": Range(None, 300),
    "return_on_risk_after_commission": Range(0.05, None),
}
# Holds on spreads sold for a credit, as long as the request gives no range of its own on short_delta.
DEFAULT_CREDIT_SHORT_DELTA = 0.40


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanSpec:
    """One scan. Ranges not given have the defaults above; an empty `Range` clears a default.

    Attributes:
        strategies: strategy names, or names of families such as `vertical`.
        ranges: bounds by figure name (`FIGURES`) or leg name (`LEG_RANGES`). The two bid-ask widths are
            alternatives: a leg passes when either holds.
        expirations: ISO dates; empty = all that the days to expiration allow.
        slippage: part of the way from mid to natural that a fill costs, 0 to 1.
        commission_per_contract: USD per contract, entry only.
        weights: by score component; those left out count 0.
        forecast_volatility: per year, of the lognormal law behind expected values; None = at the money.
        forecast_realized: use the underlying's realized volatility instead of either.
        rank_by: `score` or a figure; the largest comes first.
        include_undefined_risk: list spreads whose loss has no bound.
        limit: how many candidates to list, 1 to 1000.

    Raises:
        InvalidSpec: on construction, naming the field.
    """

    strategies: tuple[str, ...] = ("vertical",)
    ranges: Mapping[str, Range] = field(default_factory=dict)
    expirations: tuple[str, ...] = ()
    slippage: float = 0.25
    commission_per_contract: float = 0.65
    weights: Mapping[str, float] = field(default_factory=lambda: dict(BALANCED))
    forecast_volatility: float | None = None
    forecast_realized: bool = False
    rank_by: str = "score"
    include_undefined_risk: bool = False
    limit: int = 20

    def __post_init__(self) -> None:
        _check_strategies(self.strategies)
        for name, bounds in self.ranges.items():
            _check_range(name, bounds)
        _check_number("slippage", self.slippage, 0, 1)
        _check_number("commission_per_contract", self.commission_per_contract, 0, 1000)
        _check_weights(self.weights)
        if self.forecast_volatility is not None:
            _check_number("forecast_volatility", self.forecast_volatility, 1e-4, 100)
            if self.forecast_realized:
                raise InvalidSpec("forecast_realized", "excludes a forecast_volatility")
        if self.rank_by != "score" and self.rank_by not in FIGURE_INDEX:
            raise InvalidSpec("rank_by", f"no figure is called {self.rank_by!r}; see ListFigures")
        if not 1 <= self.limit <= MAX_LIMIT:
            raise InvalidSpec("limit", f"must be 1 to {MAX_LIMIT}")

    def bounds(self, name: str) -> tuple[float, float]:
        """Lower and upper bound on a figure or leg value, after defaults; infinite where there is none."""
        lower, upper = self.ranges.get(name, DEFAULT_RANGES.get(name, Range()))
        return (-math.inf if lower is None else float(lower), math.inf if upper is None else float(upper))

    @property
    def credit_short_delta(self) -> float:
        """Upper bound on |delta| of the short legs of credit spreads; infinite where cleared."""
        return math.inf if "short_delta" in self.ranges else DEFAULT_CREDIT_SHORT_DELTA


def _check_strategies(names: tuple[str, ...]) -> None:
    if not names:
        raise InvalidSpec("strategies", "name at least one strategy")
    for index, name in enumerate(names):
        try:
            resolve((name,))
        except KeyError:
            raise InvalidSpec(f"strategies[{index}]", f"no strategy is called {name!r}") from None


def _check_range(name: str, bounds: Range) -> None:
    where = f"ranges[{name}]"
    if name not in FIGURE_INDEX and name not in LEG_RANGES:
        raise InvalidSpec(where, "no figure and no leg value has this name")
    lower, upper = bounds
    if any(bound is not None and math.isnan(bound) for bound in bounds):
        raise InvalidSpec(where, "a bound is not a number")
    if lower is not None and upper is not None and lower > upper:
        raise InvalidSpec(where, f"the lower bound {lower:g} is above the upper bound {upper:g}")


def _check_number(name: str, value: float, lower: float, upper: float) -> None:
    if not lower <= value <= upper:
        raise InvalidSpec(name, f"must be {lower:g} to {upper:g}")


def _check_weights(weights: Mapping[str, float]) -> None:
    for name, weight in weights.items():
        if name not in COMPONENTS:
            raise InvalidSpec(f"weights[{name}]", "no score component has this name")
        _check_number(f"weights[{name}]", weight, 0, 1e6)
    if not sum(weights.values()) > 0:
        raise InvalidSpec("weights", "at least one weight must be above 0")
