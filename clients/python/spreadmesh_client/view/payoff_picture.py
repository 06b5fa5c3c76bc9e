"""Profit over the share price, drawn in a terminal."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from spreadmesh_client.payoff.chart import PayoffChart
from spreadmesh_client.payoff.curve import Curve
from spreadmesh_client.view.braille import Canvas

ROWS: Final = 15
MARGIN: Final = 11
NARROWEST: Final = 20
PROFIT, LOSS, TODAY, SPOT, QUIET = "green", "red", "cyan", "yellow", "dim"
# One dot in so many makes today's curve a dotted one.
_SPARSE: Final = 3


def payoff_picture(chart: PayoffChart, width: int) -> RenderableType:
    """Both curves with spot, strikes and breakevens, in `width` characters."""
    canvas = Canvas(max(width - MARGIN - 1, NARROWEST), ROWS)
    prices = chart.prices(canvas.dot_columns)
    final, now = _profits(chart.at_expiration, prices), _profits(chart.today, prices)
    if not final and not now:
        return Text("No picture: a leg has no implied volatility.", style="yellow")
    lowest, highest = min(0.0, *final, *now), max(0.0, *final, *now)
    scale = Scale(lowest, highest if highest > lowest else lowest + 1.0, canvas.dot_rows)
    _guides(canvas, chart, scale)
    for x, profit in enumerate(now):
        if x % _SPARSE == 0:
            canvas.dot(x, scale.dot(profit), TODAY)
    if final:
        styles = [PROFIT if profit > 0 else LOSS for profit in final]
        canvas.line([scale.dot(profit) for profit in final], styles)
    columns = Columns(chart.low, chart.high, canvas.columns)
    for breakeven in chart.breakevens:
        canvas.mark(columns.of(breakeven), scale.dot(0.0) // 4, "◆", f"bold {PROFIT}")
    return Group(_legend(chart), *_body(canvas, scale), *_below(chart, columns))


class Scale:
    """Dot rows of profits, the highest in row 0."""

    def __init__(self, lowest: float, highest: float, dots: int) -> None:
        self.lowest, self.highest = lowest, highest
        self._dots = dots

    def dot(self, profit: float) -> int:
        """The row of dots that a profit is in."""
        share = (self.highest - profit) / (self.highest - self.lowest)
        return min(max(round(share * (self._dots - 1)), 0), self._dots - 1)


class Columns:
    """Columns of characters of share prices."""

    def __init__(self, low: float, high: float, columns: int) -> None:
        self._low, self._span = low, high - low
        self.count = columns

    def of(self, price: float) -> int:
        """The column that a share price is in."""
        return min(max(int((price - self._low) / self._span * self.count), 0), self.count - 1)


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers in equal steps from `low` to `high`, as many as fit but at most `most`."""
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * unit for unit in (1, 2, 5, 10) if power * unit >= raw)
    return [step * index for index in range(math.ceil(low / step), math.floor(high / step) + 1)]


def label_rows(labels: Sequence[tuple[int, str]], width: int) -> list[str]:
    """Lines that hold each label with its first character at its column, in as few lines as will do.

    A label that would not end within `width` ends at its column instead.
    """
    rows: list[str] = []
    for column, text in sorted(labels):
        start = column if column + len(text) <= width else max(column + 1 - len(text), 0)
        shown = text if start == column else text[1:] + text[0]
        row = next((index for index, line in enumerate(rows) if len(line) < start or not line), len(rows))
        if row == len(rows):
            rows.append("")
        rows[row] = rows[row].ljust(start) + shown
    return rows


def _profits(curve: Curve | None, prices: Iterable[float]) -> list[float]:
    return [] if curve is None else [curve.profit(price) for price in prices]


def _guides(canvas: Canvas, chart: PayoffChart, scale: Scale) -> None:
    columns = Columns(chart.low, chart.high, canvas.columns)
    zero = scale.dot(0.0) // 4
    for column in range(canvas.columns):
        canvas.guide(column, zero, "─", QUIET)
    for row in range(canvas.rows):
        for strike in chart.strikes:
            canvas.guide(columns.of(strike), row, "┊", QUIET)
        canvas.guide(columns.of(chart.spot), row, "│", SPOT)


def _legend(chart: PayoffChart) -> Text:
    legend = Text(" " * (MARGIN + 1))
    if chart.at_expiration is not None:
        legend.append("━━ ", PROFIT).append(f"at expiration {chart.expiration}   ")
    else:
        legend.append("no curve at expiration: a later leg can't be priced there   ", "yellow")
    if chart.today is not None:
        legend.append("⠒⠂ ", TODAY).append("today   ")
    else:
        legend.append("no curve of today: a leg has no implied volatility   ", "yellow")
    return legend.append("USD per share", QUIET)


def _body(canvas: Canvas, scale: Scale) -> list[Text]:
    labels = {scale.dot(value) // 4: value for value in ticks(scale.lowest, scale.highest, 6)}
    lines = []
    for row in range(canvas.rows):
        known = row in labels
        label = f"{labels[row]:,.2f}" if known else ""
        lines.append(Text(f"{label:>{MARGIN - 1}} {'┤' if known else '│'}", QUIET) + canvas.row(row))
    return lines


def _below(chart: PayoffChart, columns: Columns) -> list[Text]:
    """The axis of share prices, and under it what is marked."""
    marked = ticks(chart.low, chart.high, max(columns.count // 12, 2))
    axis = ["─"] * columns.count
    for price in marked:
        axis[columns.of(price)] = "┬"
    lines = [Text(" " * MARGIN + "└" + "".join(axis), QUIET)]
    rows: list[tuple[str, str, list[tuple[int, str]]]] = [
        ("share", QUIET, [(columns.of(price), f"{price:g}") for price in marked]),
        ("strikes", "", [(columns.of(strike), f"┊{strike:g}") for strike in chart.strikes]),
        ("breakevens", PROFIT, [(columns.of(price), f"◆{price:,.2f}") for price in chart.breakevens]),
        ("spot", SPOT, [(columns.of(chart.spot), f"│{chart.spot:,.2f}")]),
    ]
    for name, style, labels in rows:
        for index, line in enumerate(label_rows(labels, columns.count)):
            title = name if index == 0 else ""
            lines.append(Text(f"{title:>{MARGIN - 1}}  ", QUIET).append(line, style))
    return lines
