"""A ScanSpec message as what the scanner computes, refused field by field."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from spreadmesh.scan.v1 import spec_pb2

from mesh.errors import invalid_argument
from scanner_server.figures.table import FIGURE_INDEX
from scanner_server.filters.spec import InvalidSpec, Range, ScanSpec
from scanner_server.score.weights import COMPONENTS

LONGEST_SYMBOL = 32
MOST_NAMES = 256
RANGES = ("days_to_expiration", "strike", "moneyness", "short_delta", "long_delta", "open_interest", "volume")
# Bounded from above by single numbers, which the message calls max_bid_ask_fraction and so on.
BOUNDED = ("bid_ask_fraction", "bid_ask_width", "quote_age")
# Names of `clear_defaults`, and the ranges that each clears.
DEFAULTS = {
    "days_to_expiration": ("days_to_expiration",),
    "short_delta": ("short_delta",),
    "bid_ask_width": ("bid_ask_width", "bid_ask_fraction"),
    "quote_age": ("quote_age",),
    "return_on_risk_after_commission": ("return_on_risk_after_commission",),
}

Bounds = dict[str, Range]
Paths = dict[str, str]


def scan_spec_of(message: spec_pb2.ScanSpec, path: str) -> ScanSpec:
    """Convert a spec; `path` is where it stands in its request, as "spec" or "open.spec".

    Raises:
        MeshError: INVALID_ARGUMENT naming the first field at fault.
    """
    _check_sizes(message, path)
    ranges, paths = _ranges(message.filters, f"{path}.filters")
    expirations = _expirations(message.filters, f"{path}.filters")
    try:
        return ScanSpec(
            ranges=ranges,
            expirations=expirations,
            include_undefined_risk=message.include_undefined_risk,
            forecast_realized=message.forecast_realized,
            **_chosen(message),
        )
    except InvalidSpec as error:
        raise invalid_argument(_path_of(error.field, path, paths), error.description) from None


def _chosen(message: spec_pb2.ScanSpec) -> dict[str, Any]:
    """What the message gives of the fields that have defaults."""
    names = ("slippage", "commission_per_contract", "forecast_volatility", "rank_by", "limit")
    chosen = {name: getattr(message, name) for name in names if message.HasField(name)}  # type: ignore[arg-type] # the stub wants a literal
    if message.strategies:
        chosen["strategies"] = tuple(message.strategies)
    if message.HasField("weights"):
        chosen["weights"] = {name: getattr(message.weights, name) for name in COMPONENTS}
    return chosen


def _check_sizes(message: spec_pb2.ScanSpec, path: str) -> None:
    if not 1 <= len(message.underlying) <= LONGEST_SYMBOL:
        raise invalid_argument(f"{path}.underlying", f"must have 1 to {LONGEST_SYMBOL} characters")
    filters = message.filters
    lists = {
        "strategies": message.strategies,
        "filters.expirations": filters.expirations,
        "filters.figures": filters.figures,
        "filters.clear_defaults": filters.clear_defaults,
    }
    for name, values in lists.items():
        if len(values) > MOST_NAMES:
            raise invalid_argument(
                f"{path}.{name}", f"has {len(values)} entries, at most {MOST_NAMES} may be given"
            )


def _ranges(filters: spec_pb2.ScanFilters, path: str) -> tuple[Bounds, Paths]:
    """Bounds by name, cleared defaults among them, and the field that each came from."""
    ranges: Bounds = dict.fromkeys(_cleared(filters, path), Range())
    paths: Paths = {}
    for name, field, bounds in _given(filters, path):
        if name in paths:
            raise invalid_argument(field, f"is given already by {paths[name]}")
        ranges[name], paths[name] = bounds, field
    return ranges, paths


def _given(filters: spec_pb2.ScanFilters, path: str) -> Iterator[tuple[str, str, Range]]:
    for name in RANGES:
        if filters.HasField(name):  # type: ignore[arg-type] # the stub wants a literal
            yield name, f"{path}.{name}", _range(getattr(filters, name))
    for name in BOUNDED:
        field = f"max_{name}"
        if filters.HasField(field):  # type: ignore[arg-type] # the stub wants a literal
            upper = _at_least_zero(getattr(filters, field), f"{path}.{field}")
            yield name, f"{path}.{field}", Range(None, upper)
    for index, item in enumerate(filters.figures):
        where = f"{path}.figures[{index}]"
        if item.figure not in FIGURE_INDEX:
            raise invalid_argument(f"{where}.figure", f"no figure is called {item.figure!r}; see ListFigures")
        yield item.figure, f"{where}.range", _range(item.range)


def _cleared(filters: spec_pb2.ScanFilters, path: str) -> Iterator[str]:
    for index, name in enumerate(filters.clear_defaults):
        if name != "all" and name not in DEFAULTS:
            known = ", ".join([*DEFAULTS, "all"])
            raise invalid_argument(
                f"{path}.clear_defaults[{index}]", f"no default is called {name!r}; there are {known}"
            )
        for default in DEFAULTS if name == "all" else [name]:
            yield from DEFAULTS[default]


def _range(message: spec_pb2.Range) -> Range:
    return Range(
        message.lower if message.HasField("lower") else None,
        message.upper if message.HasField("upper") else None,
    )


def _at_least_zero(value: float, field: str) -> float:
    if value < 0:
        raise invalid_argument(field, f"must be zero or positive, not {value:g}")
    return value


def _expirations(filters: spec_pb2.ScanFilters, path: str) -> tuple[str, ...]:
    for index, text in enumerate(filters.expirations):
        if not _is_date(text):
            raise invalid_argument(
                f"{path}.expirations[{index}]", f"must be a date as YYYY-MM-DD, not {text!r}"
            )
    return tuple(filters.expirations)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _path_of(field: str, path: str, paths: Paths) -> str:
    """Where a field of the scanner's spec stands in the request."""
    kind, _, rest = field.partition("[")
    name = rest.removesuffix("]")
    if kind == "ranges":
        return paths[name]
    return f"{path}.weights.{name}" if kind == "weights" and name else f"{path}.{field}"
