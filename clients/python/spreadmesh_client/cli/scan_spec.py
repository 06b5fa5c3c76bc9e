"""Options of `spreadmesh scan` as a ScanSpec."""

import re
from collections.abc import Sequence
from typing import Final

import typer
from spreadmesh.scan.v1.spec_pb2 import FigureRange, Range, ScanFilters, ScanSpec, ScoreWeights

_CONDITION: Final = re.compile(r"\s*([a-z_][a-z0-9_]*)\s*(>=|<=)\s*([-+0-9.eE]+|inf|-inf)\s*")


def to_range(
    lower: float | None, upper: float | None, defaults: tuple[float, float] | None = None
) -> Range | None:
    """A range, or None where neither side is given; `defaults` fill in for the side that is not."""
    if lower is None and upper is None:
        return None
    if defaults is not None:
        lower = defaults[0] if lower is None else lower
        upper = defaults[1] if upper is None else upper
    return Range(lower=lower, upper=upper)


def parse_conditions(conditions: Sequence[str]) -> dict[str, Range]:
    """`figure>=number` and `figure<=number`, gathered by figure.

    Raises:
        typer.BadParameter: A condition of another form.
    """
    ranges: dict[str, Range] = {}
    for condition in conditions:
        match = _CONDITION.fullmatch(condition)
        if match is None:
            raise typer.BadParameter(f"{condition!r} is not of the form figure>=number or figure<=number")
        figure, comparison, number = match.groups()
        wanted = ranges.setdefault(figure, Range())
        try:
            setattr(wanted, "lower" if comparison == ">=" else "upper", float(number))
        except ValueError:
            raise typer.BadParameter(f"{number!r} in {condition!r} is not a number") from None
    return ranges


def parse_weights(assignments: Sequence[str]) -> ScoreWeights | None:
    """`part=number` for parts of the score; None where there is none.

    Raises:
        typer.BadParameter: An assignment of another form, or of no part.
    """
    parts = [field.name for field in ScoreWeights.DESCRIPTOR.fields]
    weights: dict[str, float] = {}
    for assignment in assignments:
        part, equals, number = (piece.strip() for piece in assignment.partition("="))
        if part not in parts or not equals:
            raise typer.BadParameter(f"{assignment!r} is not of the form part=number, of {', '.join(parts)}")
        try:
            weights[part] = float(number)
        except ValueError:
            raise typer.BadParameter(f"{number!r} in {assignment!r} is not a number") from None
    return ScoreWeights(**weights) if weights else None


def parse_forecast(forecast: str | None) -> ScanSpec:
    """`realized` or a volatility per year, as a spec of nothing else.

    Raises:
        typer.BadParameter: Neither.
    """
    if forecast is None:
        return ScanSpec()
    if forecast == "realized":
        return ScanSpec(forecast_realized=True)
    try:
        return ScanSpec(forecast_volatility=float(forecast))
    except ValueError:
        raise typer.BadParameter(f"{forecast!r} is neither `realized` nor a number") from None


def build_filters(
    *,
    dte: tuple[float | None, float | None],
    expirations: Sequence[str],
    strike: tuple[float | None, float | None],
    short_delta: tuple[float | None, float | None],
    min_pop: float | None,
    min_return: float | None,
    where: Sequence[str],
    clear_defaults: Sequence[str],
) -> ScanFilters:
    """Filters from options. The open side of a range keeps the contract's default where there is one."""
    figures = parse_conditions(where)
    if min_pop is not None:
        figures.setdefault("probability_of_profit", Range()).lower = min_pop
    if min_return is not None:
        figures.setdefault("return_on_risk_after_commission", Range()).lower = min_return
    return ScanFilters(
        days_to_expiration=to_range(*dte, defaults=(1, 60)),
        expirations=expirations,
        strike=to_range(*strike),
        short_delta=to_range(*short_delta, defaults=(0, 0.4)),
        figures=[FigureRange(figure=name, range=wanted) for name, wanted in figures.items()],
        clear_defaults=clear_defaults,
    )


def build_spec(
    symbol: str,
    filters: ScanFilters,
    *,
    strategies: Sequence[str],
    rank_by: str | None,
    slippage: float | None,
    commission: float | None,
    limit: int | None,
    undefined_risk: bool,
    weights: ScoreWeights | None = None,
    preset: str = "",
    forecast: str | None = None,
) -> ScanSpec:
    """What to scan for; None leaves a value to the preset, or to the server's default.

    Raises:
        typer.BadParameter: A forecast that is none.
    """
    spec = ScanSpec(
        underlying=symbol.upper(),
        strategies=strategies,
        filters=filters,
        slippage=slippage,
        commission_per_contract=commission,
        rank_by=rank_by,
        weights=weights,
        preset=preset,
        limit=limit,
        include_undefined_risk=undefined_risk,
    )
    spec.MergeFrom(parse_forecast(forecast))
    return spec
