"""Profit over the share price, as a picture in a file. Needs matplotlib, which the extra `plot` brings."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from spreadmesh_client.payoff.chart import PayoffChart

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SUFFIXES: Final = (".png", ".svg")
_POINTS: Final = 801
_PROFIT, _LOSS, _TODAY, _SPOT, _QUIET = "#2a9d5c", "#d1495b", "#1f77b4", "#c58a00", "#8a8f98"


def save_plot(chart: PayoffChart, title: str, path: Path) -> None:
    """Draw both curves with spot, strikes and breakevens; the suffix of the file says how it is written.

    Raises:
        OSError: The file can't be written.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 5.6), layout="constrained")
    axes = figure.add_subplot()
    prices = chart.prices(_POINTS)
    if chart.at_expiration is not None:
        profits = [chart.at_expiration.profit(price) for price in prices]
        gains = [profit > 0 for profit in profits]
        losses = [profit <= 0 for profit in profits]
        axes.fill_between(prices, profits, where=gains, color=_PROFIT, alpha=0.15, interpolate=True)
        axes.fill_between(prices, profits, where=losses, color=_LOSS, alpha=0.12, interpolate=True)
        axes.plot(prices, profits, color="#24292f", linewidth=1.8, label=f"at expiration {chart.expiration}")
    if chart.today is not None:
        values = [chart.today.profit(price) for price in prices]
        axes.plot(prices, values, color=_TODAY, linestyle="--", linewidth=1.5, label="today")
    axes.axhline(0, color=_QUIET, linewidth=0.8)
    _mark(axes, chart)
    axes.set_xlim(chart.low, chart.high)
    axes.set_title(title, loc="left")
    axes.set_xlabel("share price, USD")
    axes.set_ylabel("profit before commission, USD per share")
    axes.legend(loc="best", frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)


def _mark(axes: "Axes", chart: PayoffChart) -> None:
    for strike in chart.strikes:
        axes.axvline(strike, color=_QUIET, linewidth=0.7, linestyle=":")
    above = axes.secondary_xaxis("top")
    above.set_xticks(chart.strikes, [f"{strike:g}" for strike in chart.strikes], rotation=45, fontsize=8)
    above.tick_params(length=0, colors=_QUIET)
    above.spines["top"].set_visible(False)
    axes.axvline(chart.spot, color=_SPOT, linewidth=1.1, label=f"spot {chart.spot:,.2f}")
    for breakeven in chart.breakevens:
        axes.plot(breakeven, 0, marker="D", color=_PROFIT, markersize=6, zorder=3)
        axes.annotate(
            f"{breakeven:,.2f}",
            (breakeven, 0),
            (0, 9),
            textcoords="offset points",
            ha="center",
            fontsize=8,
            bbox={"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": "none", "alpha": 0.85},
        )
