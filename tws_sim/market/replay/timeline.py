"""Bars in the order in which they become known, and the state they leave behind."""

from dataclasses import dataclass

import numpy as np

from tws_sim.market.replay.lean import PRICE_SCALE, Floats, Ints, Table

BAR_MS = 60_000


@dataclass(frozen=True)
class Events:
    """Changes of some columns: at ``known[i]`` (ms since midnight) row ``row[i]`` takes ``values[i]``."""

    known: Ints
    row: Ints
    values: Floats

    @staticmethod
    def of(known: Floats, row: Ints, *columns: Floats) -> "Events":
        """Events in the order of their time; equal times keep their order."""
        order = np.argsort(known, kind="stable")
        return Events(known[order].astype(np.int64), row[order], np.column_stack(columns)[order])


class Column:
    """The current values of every row under one stream of events; NaN where none has come yet."""

    def __init__(self, rows: int, events: Events) -> None:
        self.events = events
        self.values: Floats = np.full((rows, events.values.shape[1]), np.nan)
        self._position = 0

    def advance(self, known_ms: float) -> Ints:
        """Apply everything known by then; returns the rows that were touched."""
        start, end = self._position, int(np.searchsorted(self.events.known, known_ms, side="right"))
        if end <= start:
            return np.empty(0, dtype=np.int64)
        self._position = end
        rows = self.events.row[start:end]
        self.values[rows] = self.events.values[start:end]  # the last of several for one row stays
        return np.unique(rows)

    def at(self, row: int, known_ms: Floats) -> Floats:
        """The values of one row at instants of the day, whether applied yet or not; NaN before its first."""
        places = np.flatnonzero(self.events.row == row)
        before = np.searchsorted(self.events.known[places], known_ms, side="right") - 1
        found = np.full((len(known_ms), self.values.shape[1]), np.nan)
        found[before >= 0] = self.events.values[places[before[before >= 0]]]
        return found


def bid_events(quotes: Table, rows: Ints) -> Events:
    """Best bid and its size at the end of each minute that has one."""
    return _side_events(quotes, rows, price_column=4)


def ask_events(quotes: Table, rows: Ints) -> Events:
    """Best ask and its size at the end of each minute that has one."""
    return _side_events(quotes, rows, price_column=9)


def _side_events(quotes: Table, rows: Ints, price_column: int) -> Events:
    has_side = quotes.rows[:, price_column] > 0
    data = quotes.rows[has_side]
    price, size = data[:, price_column] / PRICE_SCALE, data[:, price_column + 1]
    return Events.of(data[:, 0] + BAR_MS, rows[quotes.owner[has_side]], price, size)


def trade_events(trades: Table, rows: Ints) -> Events:
    """Last price, the minute's volume as its size, the day's volume so far, ms since midnight."""
    data, owner = trades.rows, trades.owner
    running = np.cumsum(data[:, 5])
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]]) if len(owner) else np.empty(0, np.int64)
    before = (running - data[:, 5])[starts]
    so_far = running - np.repeat(before, np.diff(np.r_[starts, len(owner)]))
    return Events.of(
        data[:, 0] + BAR_MS, rows[owner], data[:, 4] / PRICE_SCALE, data[:, 5], so_far, data[:, 0] + BAR_MS
    )


def open_interest_events(table: Table, rows: Ints) -> Events:
    """Contracts open, known at their row's own time."""
    return Events.of(table.rows[:, 0], rows[table.owner], table.rows[:, 1])
