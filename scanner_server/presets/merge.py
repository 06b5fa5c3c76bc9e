"""A spec laid over that of a preset. Pure."""

from collections.abc import Collection
from typing import Final

from spreadmesh.scan.v1.spec_pb2 import ScanFilters, ScanSpec

from scanner_server.translation.spec import BOUNDED, RANGES

_FORECASTS: Final = ("forecast_volatility", "forecast_realized")


def overlaid(preset: ScanSpec, given: ScanSpec, bounded: Collection[str]) -> ScanSpec:
    """What `given` asks for on top of `preset`; the result names no preset.

    A field of `given` replaces the preset's whole. Filters are replaced one by one, by the name of the figure
    or leg value that they are on, however it is given. Either forecast replaces the other.
    `include_undefined_risk` holds where either says so.

    Args:
        preset: What stands where nothing is given.
        given: What wins.
        bounded: Names that the filters of `given` put bounds on or clear.
    """
    merged = ScanSpec()
    merged.CopyFrom(preset)
    for field, _ in given.ListFields():
        if field.name != "filters":
            merged.ClearField(field.name)  # type: ignore[arg-type] # the stub wants a literal
    if given.forecast_realized or given.HasField("forecast_volatility"):
        for name in _FORECASTS:
            merged.ClearField(name)
    _take_away(merged.filters, bounded)
    if given.filters.expirations:
        del merged.filters.expirations[:]
    merged.MergeFrom(given)
    cleared = dict.fromkeys(merged.filters.clear_defaults)
    del merged.filters.clear_defaults[:]
    merged.filters.clear_defaults.extend(cleared)
    merged.ClearField("preset")
    return merged


def _take_away(filters: ScanFilters, names: Collection[str]) -> None:
    """Remove the bounds on `names`."""
    fields = {**{name: name for name in RANGES}, **{name: f"max_{name}" for name in BOUNDED}}
    for name in names:
        if name in fields:
            filters.ClearField(fields[name])  # type: ignore[arg-type] # the stub wants a literal
    kept = [bounds for bounds in filters.figures if bounds.figure not in names]
    del filters.figures[:]
    filters.figures.extend(kept)
