"""A ranking as a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, Generic, Literal, TypeVar

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from spreadmesh.common.v1.contract_pb2 import Right
from spreadmesh.scan.v1.candidate_pb2 import Candidate, Leg
from spreadmesh.scan.v1.ranking_pb2 import Ranking

from spreadmesh_client.view.basis import basis_lines
from spreadmesh_client.view.text import duration, net_price, percent, price, whole

Row = tuple[str, ...]

_LETTERS: Final[dict[int, str]] = {Right.RIGHT_CALL: "C", Right.RIGHT_PUT: "P"}

Shown = TypeVar("Shown")


@dataclass(frozen=True)
class Column(Generic[Shown]):
    """One column; those with the largest `drop` go first when the terminal is narrow."""

    title: str
    cell: Callable[[Shown], str]
    drop: int = 0
    justify: Literal["left", "right"] = "right"


COLUMNS: Final[tuple[Column[Candidate], ...]] = (
    Column("Strategy", lambda c: c.strategy.replace("_", " ") + _mark(c), justify="left"),
    Column("Expires", lambda c: c.expiration, drop=7, justify="left"),
    Column("DTE", lambda c: str(c.days_to_expiration)),
    Column("Strikes", lambda c: strikes(c.legs), justify="left"),
    Column("Price", lambda c: net_price(c.fill_price)),
    Column("Profit $", lambda c: whole(c.max_profit_cash), drop=1),
    Column("Loss $", lambda c: whole(c.max_loss_cash)),
    Column("POP", lambda c: percent(figure_value(c, "probability_of_profit"))),
    Column("EV $", lambda c: whole(figure_value(c, "expected_value_cash")), drop=3),
    Column("Return", lambda c: percent(figure_value(c, "return_on_risk_after_commission")), drop=2),
    Column("Delta", lambda c: price(figure_value(c, "delta"), 3), drop=4),
    Column("Theta", lambda c: price(figure_value(c, "theta"), 3), drop=5),
    Column("Age", lambda c: duration(c.quote_age), drop=6),
    Column("Score", lambda c: price(c.score, 3)),
)


def ranking_table(
    ranking: Ranking,
    width: int,
    previous: Mapping[int, Row] | None = None,
    rows: int | None = None,
) -> RenderableType:
    """The ranking and what it stands on.

    Args:
        ranking: To show.
        width: Of the terminal, characters: what does not fit is left out, the least important first.
        previous: Cells of the ranking before (`table_rows`), to set off what has changed.
        rows: Most rows to show; None for all.
    """
    cells = table_rows(ranking)
    shown, table = fitted(COLUMNS, list(cells.values()), width)
    for rank, (key, row) in enumerate(list(cells.items())[:rows], start=1):
        before = (previous or {}).get(key)
        table.add_row(str(rank), *(_cell(row[i], before[i] if before else None, previous) for i in shown))
    nothing = "No spread passes the filters." if ranking.basis.contracts_quoted else "No quotes yet."
    body: RenderableType = table if cells else Text(nothing, style="yellow")
    return Group(body, Text(), *(Text(line, style="dim") for line in basis_lines(ranking)))


def table_rows(ranking: Ranking) -> dict[int, Row]:
    """Every cell of each candidate, by candidate_id (by rank where there is none), in order."""
    return {
        candidate.candidate_id or -rank: tuple(column.cell(candidate) for column in COLUMNS)
        for rank, candidate in enumerate(ranking.candidates, start=1)
    }


def strikes(legs: Sequence[Leg]) -> str:
    """Legs in short: `735/740P 760/765C`; `2×` for a ratio; the month and day where expirations differ."""
    dates = {leg.expiration for leg in legs if leg.expiration}
    parts = []
    for (right, expiration), group in groupby(legs, key=lambda leg: (leg.right, leg.expiration)):
        if right == Right.RIGHT_UNSPECIFIED:
            parts.append(f"{sum(leg.quantity for leg in group):+d} shares")
            continue
        joined = "/".join(
            (f"{abs(leg.quantity)}×" if abs(leg.quantity) != 1 else "") + f"{leg.strike:g}" for leg in group
        )
        parts.append(joined + right_letter(right) + (f"@{expiration[5:]}" if len(dates) > 1 else ""))
    return " ".join(parts)


def right_letter(right: int) -> str:
    """`C` or `P`, of a value of `Right`."""
    return _LETTERS.get(right, "?")


def figure_value(candidate: Candidate, name: str) -> float | None:
    """A figure by its name; None where it is absent, or not known here."""
    field = Candidate.DESCRIPTOR.fields_by_name.get(name)
    if field is None or (field.has_presence and not candidate.HasField(name)):  # type: ignore[arg-type]  # by name
        return None
    value: float = getattr(candidate, name)
    return value


def fitted(columns: Sequence[Column[Any]], rows: Sequence[Row], width: int) -> tuple[list[int], Table]:
    """Which of the columns fit, and a table with a rank and these, without rows."""
    shown = list(range(len(columns)))
    widths = [
        max([len(column.title), *(len(row[i]) for row in rows)]) + 2 for i, column in enumerate(columns)
    ]
    droppable = sorted((i for i in shown if columns[i].drop), key=lambda i: -columns[i].drop)
    while droppable and 6 + sum(widths[i] for i in shown) > width:
        shown.remove(droppable.pop(0))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("#", justify="right", style="dim")
    for index in shown:
        table.add_column(columns[index].title, justify=columns[index].justify, no_wrap=True)
    return shown, table


def _cell(value: str, before: str | None, previous: Mapping[int, Row] | None) -> Text:
    has_changed = previous is not None and value != before
    return Text(value, style="bold green" if has_changed else "")


def _mark(candidate: Candidate) -> str:
    return " !" if any(leg.stale for leg in candidate.legs) else ""
