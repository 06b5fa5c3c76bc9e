"""Everything about one candidate: legs, profit, score and figures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from spreadmesh.scan.v1.candidate_pb2 import Candidate
from spreadmesh.scan.v1.catalogue_pb2 import Figure
from spreadmesh.scan.v1.ranking_pb2 import Ranking
from spreadmesh.scan.v1.spec_pb2 import ScoreWeights

from spreadmesh_client.payoff.chart import payoff_chart
from spreadmesh_client.view.basis import basis_lines
from spreadmesh_client.view.legs_table import legs_tables
from spreadmesh_client.view.payoff_picture import payoff_picture
from spreadmesh_client.view.ranking_table import figure_value, strikes
from spreadmesh_client.view.text import net_price, price, whole

BAR: Final = 20


@dataclass(frozen=True)
class Explained:
    """A candidate and what explains it.

    Attributes:
        ranking: it is in.
        rank: of it, 1 = the best.
        weights: of the score.
        figures: what its figures mean, in order.
    """

    ranking: Ranking
    rank: int
    weights: ScoreWeights
    figures: Sequence[Figure]

    @property
    def candidate(self) -> Candidate:
        """The one explained."""
        return self.ranking.candidates[self.rank - 1]


def explanation(explained: Explained, width: int) -> RenderableType:
    """All of it, for a terminal of `width` characters."""
    candidate = explained.candidate
    return Group(
        _heading(explained),
        "",
        legs_tables(candidate.legs),
        "",
        payoff_picture(payoff_chart(candidate, explained.ranking.surface), width),
        "",
        score_table(candidate, explained.weights),
        "",
        figures_table(candidate, explained.figures, width),
        "",
        *(Text(line, style="dim") for line in basis_lines(explained.ranking)),
    )


def _heading(explained: Explained) -> Text:
    candidate = explained.candidate
    heading = Text(f"#{explained.rank} {candidate.strategy.replace('_', ' ')}", style="bold")
    heading.append(
        f"  {strikes(candidate.legs)}\n{candidate.expiration} ({candidate.days_to_expiration} days)"
        f"  {net_price(candidate.fill_price)}, mid {net_price(candidate.net_mid)},"
        f" natural {net_price(candidate.net_natural)}",
        style="not bold",
    )
    return heading


def score_table(candidate: Candidate, weights: ScoreWeights) -> Table:
    """Each part, its share of the weights, and what it adds to the score."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_footer=True)
    table.add_column("Score", footer=Text("sum", style="bold"))
    table.add_column("Part", justify="right")
    table.add_column("Weight", justify="right")
    table.add_column("Adds", justify="right", footer=Text(price(candidate.score, 4), style="bold"))
    table.add_column("")
    names = [field.name for field in ScoreWeights.DESCRIPTOR.fields]
    total = math.fsum(getattr(weights, name) for name in names)
    for name in names:
        part, share = getattr(candidate.score_parts, name), getattr(weights, name) / total
        bar = Text("█" * round(part * share * BAR / 0.25), "green")
        table.add_row(name, price(part, 4), f"{100 * share:.0f}%", price(part * share, 4), bar)
    return table


def figures_table(candidate: Candidate, figures: Sequence[Figure], width: int) -> Table:
    """Each figure with its unit, in two columns where they fit."""
    rows = [(figure.name, _value(figure, candidate), figure.unit) for figure in figures]
    rows = [row for row in rows if row[0] in Candidate.DESCRIPTOR.fields_by_name]
    half = -(-len(rows) // 2)
    height = half if _widths(rows[:half]) + _widths(rows[half:]) <= width else len(rows)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for _ in range(0, len(rows), height):
        table.add_column("Figure", no_wrap=True)
        table.add_column("Value", justify="right", no_wrap=True)
        table.add_column("Unit", style="dim", no_wrap=True)
    for index in range(height):
        cells = [cell for row in rows[index::height] for cell in row]
        table.add_row(*cells)
    return table


def _widths(rows: Sequence[tuple[str, ...]]) -> int:
    """Characters that a table of these rows takes, with two after each column."""
    return sum(max(len(row[column]) for row in rows) + 2 for column in range(len(rows[0])))


def _value(figure: Figure, candidate: Candidate) -> str:
    value = figure_value(candidate, figure.name)
    if figure.unit == "flag":
        return "yes" if value else "no"
    if figure.unit in {"days", "strikes"}:
        return whole(value)
    return price(value, 2 if figure.unit == "USD per spread" else 4)
