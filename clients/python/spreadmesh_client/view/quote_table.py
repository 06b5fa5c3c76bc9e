"""Quotes as a table: the latest row of each contract."""

from collections.abc import Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.market.v1.gateway_pb2 import ListMarketDataLinesResponse
from spreadmesh.market.v1.quotes_pb2 import LineConfirmation, LinesConfirmed, LineState, QuoteBatch

from spreadmesh_client.view.basis import ORIGINS
from spreadmesh_client.view.text import duration, market_time, percent, price, whole

REFUSED: Final = {
    LineState.LINE_STATE_UNKNOWN_CONTRACT,
    LineState.LINE_STATE_OVER_LIMIT,
    LineState.LINE_STATE_NOT_PERMITTED,
}
WHY: Final = {
    LineState.LINE_STATE_STREAMING: "nothing has come over its market data line yet",
    LineState.LINE_STATE_ROTATING: "it still waits for a market data line",
}
COLUMNS: Final = (
    "bid",
    "ask",
    "bid_size",
    "ask_size",
    "last",
    "volume",
    "open_interest",
    "quote_time_us",
    "origin",
    "implied_volatility",
    "delta",
    "gamma",
    "vega",
    "theta",
)


class QuoteRows:
    """The latest quotes, as one batch with a row for each contract in the order of the confirmations."""

    def __init__(self) -> None:
        self.batch = QuoteBatch()
        self.confirmations: dict[int, LineConfirmation] = {}
        self.names: dict[int, str] = {}
        """Ticker or local symbol of each contract, as far as known."""
        self.is_stale = False
        self._rows: dict[int, dict[str, float]] = {}

    @property
    def is_complete(self) -> bool:
        """Each contract has a quote or was refused."""
        return bool(self.confirmations) and all(
            line.state in REFUSED or con_id in self._rows for con_id, line in self.confirmations.items()
        )

    @property
    def missing(self) -> list[str]:
        """Why contracts have no quote, one line for each."""
        return [
            f"{con_id}: no quote, {line.reason or WHY.get(line.state, state_word(line.state))}"
            for con_id, line in self.confirmations.items()
            if con_id not in self._rows
        ]

    def take(self, event: QuoteBatch | LinesConfirmed | Heartbeat) -> None:
        """Note an event of a stream of quotes."""
        match event:
            case LinesConfirmed():
                self.confirmations |= {line.con_id: line for line in event.lines}
            case Heartbeat():
                self.is_stale = event.stale
            case QuoteBatch():
                self.is_stale = False
                for row, con_id in enumerate(event.con_id):
                    self._rows[con_id] = {name: column[row] for name, column in _columns(event)}
                self.batch = self._merged(event)

    def take_lines(self, response: ListMarketDataLinesResponse) -> None:
        """Note names, and who has a line now. A refusal is left to its confirmation, which says why."""
        for line in response.lines:
            self.names[line.con_id] = line.name
            if line.con_id in self.confirmations and line.state not in REFUSED:
                self.confirmations[line.con_id].state = line.state

    def _merged(self, event: QuoteBatch) -> QuoteBatch:
        merged = QuoteBatch(epoch=event.epoch, sequence=event.sequence, conflated=event.conflated)
        merged.market_time.CopyFrom(event.market_time)
        merged.con_id.extend(self._rows)
        for name, _column in _columns(event):
            getattr(merged, name).extend(row[name] for row in self._rows.values())
        return merged


def state_word(state: LineState.ValueType) -> str:
    """The state of a line in words."""
    return LineState.Name(state).removeprefix("LINE_STATE_").lower().replace("_", " ")


def quote_table(rows: QuoteRows, *, greeks: bool) -> RenderableType:
    """One row for each contract, then refusals."""
    batch = rows.batch
    table = Table(box=None, header_style="bold", pad_edge=False)
    titles = ["Contract", "con_id", "Bid", "Ask", "Size", "Last", "Volume", "OI", "Age", "Origin"]
    table.add_column(titles.pop(0))
    for title in titles + (["IV", "Delta", "Gamma", "Vega", "Theta"] if greeks else []):
        table.add_column(title, justify="right", no_wrap=True)
    for row, con_id in enumerate(batch.con_id):
        table.add_row(
            " ".join(rows.names.get(con_id, "").split()),
            str(con_id),
            *_quote(batch, row),
            *(_greeks(batch, row) if greeks else []),
        )
    lines = [Text(line, style="yellow") for line in rows.missing]
    if rows.is_stale:
        lines.append(Text("STALE: the feed is away", style="bold red"))
    return Group(
        table, *lines, Text(market_time(batch.market_time) if batch.con_id else "no quotes yet", style="dim")
    )


def _columns(batch: QuoteBatch) -> list[tuple[str, Sequence[float]]]:
    return [(name, getattr(batch, name)) for name in COLUMNS if len(getattr(batch, name))]


def _quote(batch: QuoteBatch, row: int) -> list[str]:
    at_us = batch.quote_time_us[row]
    age = batch.market_time.ToMicroseconds() / 1e6 - at_us / 1e6 if at_us else None
    return [
        price(batch.bid[row]),
        price(batch.ask[row]),
        f"{whole(batch.bid_size[row])}×{whole(batch.ask_size[row])}",
        price(batch.last[row]),
        whole(batch.volume[row]),
        whole(batch.open_interest[row]),
        duration(age),
        ORIGINS.get(batch.origin[row], ""),
    ]


def _greeks(batch: QuoteBatch, row: int) -> list[str]:
    values = (batch.delta, batch.gamma, batch.vega, batch.theta)
    return [percent(batch.implied_volatility[row]), *(price(column[row], 3) for column in values)]
