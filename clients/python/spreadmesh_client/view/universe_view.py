"""A scan of a universe: how far it is, what has failed, and the best so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text
from spreadmesh.scan.v1.candidate_pb2 import Candidate
from spreadmesh.scan.v1.universe_service_pb2 import (
    RunningUnderlying,
    UnderlyingFailure,
    UniverseCandidate,
    UniverseProgress,
    UniverseRanking,
)

from spreadmesh_client.universe import UniverseUpdate
from spreadmesh_client.view.ranking_table import COLUMNS, Column, fitted
from spreadmesh_client.view.text import duration

BAR_WIDTH: Final = 32
FAILURES_SHOWN: Final = 3
LINES_AROUND_TABLE: Final = 8


@dataclass
class UniversePicture:
    """What the screen shows of one scan."""

    title: str
    progress: UniverseProgress = field(default_factory=UniverseProgress)
    ranking: UniverseRanking = field(default_factory=UniverseRanking)
    failures: dict[str, UnderlyingFailure] = field(default_factory=dict)

    def take(self, update: UniverseUpdate) -> None:
        """Note an update."""
        self.progress, self.ranking = update.progress, update.ranking
        self.failures |= {one.symbol: one.failure for one in update.ended if one.HasField("failure")}

    def live(self, width: int, height: int) -> RenderableType:
        """Progress and as much of the ranking as there is room for."""
        lines = [_running_line(self.progress, width), *failure_lines(self.failures, FAILURES_SHOWN)]
        room = max(1, height - LINES_AROUND_TABLE - len(lines))
        return Group(_bar(self.title, self.progress), *lines, Text(), ranked(self.ranking, width, room))

    def final(self, width: int) -> RenderableType:
        """The whole ranking, and in a line what it stands on."""
        lines = failure_lines(self.failures, len(self.failures))
        return Group(ranked(self.ranking, width), Text(), Text(summary(self.progress), style="dim"), *lines)


def summary(progress: UniverseProgress) -> str:
    """How far it is, in a line."""
    failed = f", {progress.failed} failed" if progress.failed else ""
    return (
        f"{progress.done} of {progress.underlyings} underlyings ranked{failed} · "
        f"{progress.contracts_quoted:,} of {progress.contracts_wanted:,} contracts quoted · "
        f"{progress.candidates_formed:,} spreads · {duration(progress.elapsed_seconds)}"
    )


def failure_lines(failures: Mapping[str, UnderlyingFailure], most: int) -> list[Text]:
    """The latest failures, each with its reason."""
    shown = [
        Text(f"{symbol}: {failure.code.lower().replace('_', ' ')}: {failure.reason}", style="yellow")
        for symbol, failure in list(failures.items())[-most:]
    ]
    hidden = len(failures) - len(shown)
    return [*shown, Text(f"and {hidden} more failed", style="yellow")] if hidden else shown


def ranked(ranking: UniverseRanking, width: int, most: int | None = None) -> RenderableType:
    """The best so far, as a table."""
    if not ranking.candidates:
        return Text("No spread yet.", style="yellow")
    rows = [tuple(column.cell(entry) for column in _COLUMNS) for entry in ranking.candidates]
    shown, table = fitted(_COLUMNS, rows, width)
    for rank, row in enumerate(rows[:most], start=1):
        table.add_row(str(rank), *(row[index] for index in shown))
    return table


def _of_candidate(column: Column[Candidate]) -> Column[UniverseCandidate]:
    return Column(column.title, lambda entry: column.cell(entry.candidate), column.drop, column.justify)


_UNDERLYING: Final = Column[UniverseCandidate]("Underlying", lambda entry: entry.underlying, justify="left")
_COLUMNS: Final = (_UNDERLYING, *map(_of_candidate, COLUMNS))


def _bar(title: str, progress: UniverseProgress) -> Table:
    ended = progress.done + progress.failed
    bar = ProgressBar(total=max(progress.underlyings, 1), completed=ended, width=BAR_WIDTH)
    grid = Table.grid(padding=(0, 2, 0, 0))
    failed = Text(f" {progress.failed} failed", style="yellow") if progress.failed else Text()
    grid.add_row(
        Text(title, style="bold"),
        bar,
        Text(f"{ended}/{progress.underlyings}") + failed,
        Text(f"{progress.contracts_quoted:,}/{progress.contracts_wanted:,} contracts"),
        Text(f"{progress.candidates_formed:,} spreads"),
        Text(duration(progress.elapsed_seconds)),
    )
    return grid


def _running_line(progress: UniverseProgress, width: int) -> Text:
    line = Text(" · ".join(map(_running, progress.running)), style="dim", no_wrap=True)
    line.truncate(width, overflow="ellipsis")
    return line


def _running(one: RunningUnderlying) -> str:
    if not one.HasField("contracts_wanted"):
        return f"{one.symbol} chain"
    return f"{one.symbol} {one.contracts_quoted:,}/{one.contracts_wanted:,}"
