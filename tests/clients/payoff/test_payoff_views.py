"""Pictures of profit: what is marked stands where it is, and files are what their names say."""

import io
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from spreadmesh_client.payoff.chart import PayoffChart
from spreadmesh_client.payoff.curve import Curve, Term
from spreadmesh_client.view.braille import Canvas
from spreadmesh_client.view.payoff_picture import MARGIN, label_rows, payoff_picture, ticks
from spreadmesh_client.view.payoff_plot import save_plot

CONDOR = Curve((Term(1, 90, -1), Term(-1, 95, -1), Term(-1, 105, 1), Term(1, 110, 1)), -2.0)
NOW = Curve((Term(1, 90, -1, deviation=0.1), Term(-1, 95, -1, deviation=0.1)), -1.0)
CHART = PayoffChart(CONDOR, NOW, "2026-12-18", 80.0, 120.0, 100.0, (90.0, 95.0, 105.0, 110.0), (93.0, 107.0))


def drawn(chart: PayoffChart, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    console.print(payoff_picture(chart, width))
    output = console.file
    assert isinstance(output, io.StringIO)
    return output.getvalue().splitlines()


def column(price: float, width: int) -> int:
    return MARGIN + 1 + int((price - 80) / 40 * (width - MARGIN - 1))


@pytest.mark.parametrize("width", [80, 120, 40])
def test_what_is_marked_stands_at_its_price(width: int) -> None:
    lines = drawn(CHART, width)
    assert max(len(line) for line in lines) <= width
    (zero,) = (line for line in lines if line.lstrip().startswith("0.00 ┤"))
    assert [zero[column(price, width)] for price in CHART.breakevens] == ["◆", "◆"]
    (spot,) = (line for line in lines if line.lstrip().startswith("spot"))
    assert spot[column(100, width) :].startswith("│100.00")
    names = "".join(lines)
    assert all(f"{strike:g}" in names for strike in CHART.strikes)
    assert all(f"{price:.2f}" in names for price in CHART.breakevens)


def test_the_curve_is_high_where_it_pays() -> None:
    lines = [
        line
        for line in drawn(replace(CHART, today=None), 92)
        if "┤" in line or line.startswith(" " * MARGIN + "│")
    ]
    body = [line[MARGIN + 1 :] for line in lines]
    top, bottom = body[0], body[-1]
    middle = int(len(body[0]) / 2) - 2
    assert top[middle] != " "
    assert bottom[2] != " "
    assert bottom[middle] in " │"


def test_without_curves_it_says_why() -> None:
    without = PayoffChart(None, None, "2026-12-18", 80, 120, 100, (100.0,), ())
    assert drawn(without, 80) == ["No picture: a leg has no implied volatility."]
    only_now = PayoffChart(None, NOW, "2026-12-18", 80, 120, 100, (90.0, 95.0), ())
    assert "a later leg can't be priced there" in drawn(only_now, 100)[0]


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 12))
def test_ticks_are_few_round_and_inside(low: float, span: float, most: int) -> None:
    found = ticks(low, low + span, most)
    assert len(found) <= most + 1
    assert all(low - 1e-6 * span <= tick <= low + span * (1 + 1e-6) for tick in found)


@given(st.lists(st.tuples(st.integers(0, 59), st.sampled_from(["◆1.00", "◆222.22"])), max_size=8))
def test_every_label_is_whole(labels: list[tuple[int, str]]) -> None:
    rows = label_rows(labels, 60)
    assert all(len(row) <= 60 for row in rows)
    text = "\n".join(rows)
    assert text.count("◆") == len(labels)
    for at, label in labels:
        assert any(row[at : at + 1] == "◆" and label[1:] in row for row in rows)


def test_a_canvas_shows_dots_over_guides_and_marks_over_both() -> None:
    canvas = Canvas(3, 1)
    for x in range(3):
        canvas.guide(x, 0, "─", "")
    canvas.line([0, 3, 3, 3], ["red"] * 4)
    canvas.mark(1, 0, "◆", "")
    assert canvas.row(0).plain == "⢱◆─"


@pytest.mark.parametrize("chart", [CHART, PayoffChart(None, NOW, "2026-12-18", 80, 120, 100, (90.0,), ())])
def test_a_plot_is_what_its_suffix_says(tmp_path: Path, chart: PayoffChart) -> None:
    png, svg = tmp_path / "a.png", tmp_path / "a.svg"
    save_plot(chart, "GOOG iron condor", png)
    save_plot(chart, "GOOG iron condor", svg)
    assert png.read_bytes().startswith(b"\x89PNG\r\n")
    assert ElementTree.parse(svg).getroot().tag.endswith("svg")
