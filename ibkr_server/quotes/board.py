"""Quotes on their way from the gateway to the streams that read them."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence

from ibkr_server.quotes.columns import QuoteColumns, Update
from ibkr_server.quotes.traffic import QuoteTraffic
from mesh.conflation import DirtySet


class QuoteReader:
    """The rows that one stream follows, and those of them that have changed since it last took them."""

    def __init__(self, capacity: int, wake: asyncio.Event) -> None:
        """Follow at most `capacity` contracts; `wake` is set when there is something to take.

        `dirty_since_ns` is the host's time, in nanoseconds since 1970, of the first change not taken yet.
        """
        self.dirty: DirtySet[int] = DirtySet(capacity)
        self.dirty_since_ns = 0
        self.rows: set[int] = set()
        self._wake = wake

    def mark(self, row: int) -> None:
        """Note that a row has changed."""
        if not len(self.dirty):
            self.dirty_since_ns = time.time_ns()
        self.dirty.mark(row)
        self._wake.set()


class QuoteBoard:
    """The latest quotes and who reads them."""

    def __init__(self) -> None:
        self.columns = QuoteColumns()
        self.updates = 0
        self.traffic = QuoteTraffic()
        self._readers: dict[int, set[QuoteReader]] = {}

    def write(
        self, updates: Sequence[Update], now_us: int, is_stale: Callable[[int], bool] = lambda _con_id: False
    ) -> None:
        """Take the latest values of different contracts at this market time, and tell their readers.

        A quote that can't be relied on `is_stale`, by contract number.
        """
        columns = self.columns
        rows = [columns.row(update.con_id) for update in updates]
        renewed = [update.is_quote for update in updates]
        changed = columns.write(rows, [update.quote for update in updates], renewed, now_us)
        for row, update, has_changed in zip(rows, updates, changed.tolist(), strict=True):
            if update.is_quote:
                columns.stale[row] = is_stale(update.con_id)
            if has_changed:
                self.updates += 1
                self._tell(row)

    def flag(self, is_stale: Callable[[int], bool | None]) -> None:
        """Set the stale flag of every contract that has a quote, and tell readers where it changes.

        `is_stale` is asked for each contract number; None leaves a row as it is.
        """
        columns = self.columns
        for row in range(len(columns)):
            stale = is_stale(int(columns.con_id[row])) if columns.quote_time_us[row] else None
            if stale is not None and stale != columns.stale[row]:
                columns.stale[row] = stale
                self._tell(row)

    def flag_one(self, con_id: int) -> None:
        """Flag one contract's quote as stale."""
        row = self.columns.row(con_id)
        if self.columns.quote_time_us[row] and not self.columns.stale[row]:
            self.columns.stale[row] = True
            self._tell(row)

    @property
    def stale_count(self) -> int:
        """Contracts with a quote that can't be relied on."""
        return int(self.columns.stale.sum())

    def _tell(self, row: int) -> None:
        for reader in self._readers.get(row, ()):
            reader.mark(row)

    def follow(self, reader: QuoteReader, con_ids: Iterable[int]) -> None:
        """Let a reader have these contracts, beginning with the quotes at hand."""
        for con_id in con_ids:
            row = self.columns.row(con_id)
            reader.rows.add(row)
            self._readers.setdefault(row, set()).add(reader)
            if self.columns.quote_time_us[row]:
                reader.mark(row)

    def unfollow(self, reader: QuoteReader, con_ids: Iterable[int]) -> None:
        """Take these contracts from a reader."""
        self._leave(reader, [self.columns.row(con_id) for con_id in con_ids])

    def close(self, reader: QuoteReader) -> None:
        """The reader has gone."""
        self._leave(reader, list(reader.rows))

    def _leave(self, reader: QuoteReader, rows: Iterable[int]) -> None:
        for row in rows:
            reader.rows.discard(row)
            reader.dirty.discard(row)
            readers = self._readers.get(row, set())
            readers.discard(reader)
            if not readers:
                self._readers.pop(row, None)
