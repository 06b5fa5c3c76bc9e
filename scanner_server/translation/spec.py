"""A ScanSpec message as what the scanner computes, refused field by field."""

from collections.abc import Iterator
from datetime import date

from spreadmesh.scan.v1 import spec_pb2

from mesh.errors import invalid_argument
from scanner_server.filters.spec import InvalidSpec, Range, ScanSpec
from scanner_server.score.weights import BALANCED, COMPONENTS
from scanner_server.translation.names import BOUND_FIELDS, DEFAULTS, FIGURE_FROM_PUBLIC, RANGE_FIELDS

DEFAULT_STRATEGIES = ("vertical",)
DEFAULT_LIMIT = 20
LONGEST_SYMBOL = 32
MOST_NAMES = 256

Bounds = dict[str, Range]
Paths = dict[str, str]


def scan_spec_of(message: spec_pb2.ScanSpec, path: str) -> ScanSpec:
    """Convert a spec; `path` is where it stands in its request, as "spec" or "open.spec".

    Raises:
        MeshError: INVALID_ARGUMENT naming the first field at fault.
    """
    _check_sizes(message, path)
    ranges, paths = _ranges(message.filters, f"{path}.filters")
    chosen = {
        name: getattr(message, name)
        for name in ("slippage", "commission_per_contract", "forecast_volatility")
        if message.HasField(name)
    }
    try:
        return ScanSpec(
            strategies=tuple(message.strategies) or DEFAULT_STRATEGIES,
            ranges=ranges,
            expirations=_expirations(message.filters, f"{path}.filters"),
            weights=_weights(message),
            rank_by=_rank_by(message, path),
            include_undefined_risk=message.include_undefined_risk,
            limit=message.limit if message.HasField("limit") else DEFAULT_LIMIT,
            **chosen,
        )
    except InvalidSpec as error:
        raise invalid_argument(_path_of(error.field, path, paths), error.description) from None


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
    """Bounds by the scanner's name, cleared defaults among them, and the field that each came from."""
    ranges: Bounds = dict.fromkeys(_cleared(filters, path), Range())
    paths: Paths = {}
    for name, field, bounds in _given(filters, path):
        if name in paths:
            raise invalid_argument(field, f"is given already by {paths[name]}")
        ranges[name], paths[name] = bounds, field
    return ranges, paths


def _given(filters: spec_pb2.ScanFilters, path: str) -> Iterator[tuple[str, str, Range]]:
    for field, name in RANGE_FIELDS.items():
        if filters.HasField(field):  # type: ignore[arg-type] # the stub wants a literal
            yield name, f"{path}.{field}", _range(getattr(filters, field))
    for field, name in BOUND_FIELDS.items():
        if filters.HasField(field):  # type: ignore[arg-type] # the stub wants a literal
            yield (
                name,
                f"{path}.{field}",
                Range(None, _at_least_zero(getattr(filters, field), f"{path}.{field}")),
            )
    for index, item in enumerate(filters.figures):
        where = f"{path}.figures[{index}]"
        if item.figure not in FIGURE_FROM_PUBLIC:
            raise invalid_argument(f"{where}.figure", f"no figure is called {item.figure!r}; see ListFigures")
        yield FIGURE_FROM_PUBLIC[item.figure], f"{where}.range", _range(item.range)


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


def _weights(message: spec_pb2.ScanSpec) -> dict[str, float]:
    if not message.HasField("weights"):
        return dict(BALANCED)
    return {name: getattr(message.weights, name) for name in COMPONENTS}


def _rank_by(message: spec_pb2.ScanSpec, path: str) -> str:
    name = message.rank_by if message.HasField("rank_by") else "score"
    if name != "score" and name not in FIGURE_FROM_PUBLIC:
        raise invalid_argument(f"{path}.rank_by", f"no figure is called {name!r}; see ListFigures")
    return FIGURE_FROM_PUBLIC.get(name, name)


def _path_of(field: str, path: str, paths: Paths) -> str:
    """Where a field of the scanner's spec stands in the request."""
    kind, _, rest = field.partition("[")
    name = rest.removesuffix("]")
    if kind == "ranges":
        return paths[name]
    return f"{path}.weights.{name}" if kind == "weights" and name else f"{path}.{field}"
