"""Columns against messages: 1,024 ticks encoded by the feed and decoded by the scanner, in one process."""

from typing import Any

from spreadmesh.market.v1.quotes_pb2 import QuoteBatch

from bench.quotes import ROWS, filled_columns
from bench.result import Result, more
from bench.timing import medians
from ibkr_server.quotes.batch import QUOTE_FIELDS, fill_batch
from ibkr_server.quotes.columns import FLOAT_FIELDS, QuoteColumns
from scanner_server.feed.batches import BatchColumns

Tick = dict[str, Any]


def in_columns(columns: QuoteColumns) -> None:
    """All ticks in one message."""
    batch = QuoteBatch()
    fill_batch(batch, columns, range(ROWS), greeks=False)
    BatchColumns.of(QuoteBatch.FromString(batch.SerializeToString()))


def ticks(columns: QuoteColumns) -> list[Tick]:
    """The same rows one by one, ready to be encoded."""
    fields = {name: columns.values[FLOAT_FIELDS.index(name)] for name in QUOTE_FIELDS}
    fields |= {"con_id": columns.con_id, "quote_time_us": columns.quote_time_us, "origin": columns.origin}
    return [{name: [column[row].item()] for name, column in fields.items()} for row in range(ROWS)]


def one_by_one(rows: list[Tick]) -> None:
    """A message for each tick, its values read out."""
    for row in rows:
        tick = QuoteBatch.FromString(QuoteBatch(**row).SerializeToString())
        _ = tick.con_id[0], tick.bid[0], tick.ask[0], tick.quote_time_us[0]


def run() -> list[Result]:
    """Measure."""
    columns = filled_columns()
    rows = ticks(columns)
    ours, baseline = medians([lambda: in_columns(columns), lambda: one_by_one(rows)], repeats=201)
    return [more("codec", ROWS / ours, "ticks/s", ROWS / baseline, goal=5)]
