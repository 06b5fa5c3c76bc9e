"""The latest quote of every contract, in columns."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Quote(NamedTuple):
    """The latest values of one contract, NaN where nothing was told. Prices in currency per share.

    A bid or ask of −1 says that there is none. `origin` is IB's market data type, 1 to 4.
    """

    bid: float
    ask: float
    bid_size: float
    ask_size: float
    last: float
    volume: float
    open_interest: float
    implied_volatility: float
    delta: float
    gamma: float
    vega: float
    theta: float
    origin: int


class Update(NamedTuple):
    """What a contract's ticks have come to; `is_quote` where bid, ask or a size of theirs has changed."""

    con_id: int
    quote: Quote
    is_quote: bool


FLOAT_FIELDS = Quote._fields[:-1]
Flags = NDArray[np.bool_]


class QuoteColumns:
    """One row per contract, in the order in which contracts were first seen; rows are never removed.

    `values` has shape (fields, rows); `quote_time_us` is the market time of the last update of bid, ask or
    their sizes, in microseconds since 1970 UTC, 0 before the first; `stale` rows can't be relied on.
    """

    def __init__(self, capacity: int = 1024) -> None:
        self._row_of: dict[int, int] = {}
        self.con_id = np.zeros(capacity, "<i8")  # little-endian as on the wire, wherever this runs
        self.values = np.full((len(FLOAT_FIELDS), capacity), np.nan, "<f8")
        self.quote_time_us = np.zeros(capacity, "<i8")
        self.origin = np.zeros(capacity, np.int8)
        self.stale = np.zeros(capacity, np.bool_)

    def __len__(self) -> int:
        return len(self._row_of)

    def row(self, con_id: int) -> int:
        """The row of a contract; a new one, empty, where it has none."""
        row = self._row_of.get(con_id)
        if row is None:
            row = self._row_of[con_id] = len(self._row_of)
            if row == len(self.con_id):
                self._grow()
            self.con_id[row] = con_id
        return row

    def write(
        self, rows: Sequence[int], quotes: Sequence[Quote], is_quote: Sequence[bool], now_us: int
    ) -> Flags:
        """Take the latest values of different rows; the time is for those whose bid, ask or sizes changed.

        What was not told keeps its last value. Returns which rows have changed at all; shape (rows,).
        """
        index, changed = np.array(rows, np.intp), np.array(is_quote, np.bool_)
        told = np.array(quotes).T
        old = self.values[:, index]
        new = np.where(np.isnan(told[:-1]), old, told[:-1])
        new[:2][new[:2] < 0] = np.nan
        self.values[:, index] = new
        self.origin[index] = told[-1]
        self.quote_time_us[index[changed]] = now_us
        return np.asarray(changed | ((new != old) & ~(np.isnan(new) & np.isnan(old))).any(axis=0))

    def quote_time(self, con_id: int) -> float | None:
        """Market time of a contract's last quote in seconds since 1970 UTC; None before the first."""
        row = self._row_of.get(con_id)
        if row is None or self.quote_time_us[row] == 0:
            return None
        return float(self.quote_time_us[row]) / 1e6

    def _grow(self) -> None:
        self.con_id = np.concatenate([self.con_id, np.zeros_like(self.con_id)])
        self.values = np.concatenate([self.values, np.full_like(self.values, np.nan)], axis=1)
        self.quote_time_us = np.concatenate([self.quote_time_us, np.zeros_like(self.quote_time_us)])
        self.origin = np.concatenate([self.origin, np.zeros_like(self.origin)])
        self.stale = np.concatenate([self.stale, np.zeros_like(self.stale)])
