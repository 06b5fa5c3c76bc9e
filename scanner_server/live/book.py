"""The live book of one underlying: its chain and quotes, changed in place by batches."""

import dataclasses

import numpy as np

from scanner_server.book.quotes import Quotes
from scanner_server.columns import Ints
from scanner_server.feed.batches import QUOTE_COLUMNS, BatchColumns
from scanner_server.snapshot.book_snapshot import CopiedBook
from scanner_server.snapshot.listed_chain import ListedChain

SHARE_PRICES = ("bid", "ask", "last")
_OPTION_COLUMNS = (*QUOTE_COLUMNS, "quote_time", "stale")


class LiveBook:
    """Quotes by row of the chain, and what has changed in them since they were last copied.

    Attributes:
        listed: the chain.
        quotes: the latest of every contract.
        origin: `DataOrigin` number of each row's quote, 0 before the first; shape (n,).
        changes: how often this book has changed.
        changed_at: the change at which each row last did, and the share at last; shape (n + 1,).
        trace_context: of the last sampled batch since `copied`; empty where there was none.
        latest_trace: of the last sampled batch at all.
    """

    listed: ListedChain
    quotes: Quotes
    origin: Ints
    changed_at: Ints
    trace_context: bytes
    latest_trace: bytes

    def __init__(self, listed: ListedChain) -> None:
        self.changes = 0
        self._set_chain(listed)

    def __repr__(self) -> str:
        quoted = int(self.quotes.quoted.sum())
        return f"<LiveBook {self.listed.chain.symbol} quoted={quoted}/{len(self.listed.chain)}>"

    def apply(self, batch: BatchColumns) -> bool:
        """Take the rows of a batch that belong to this book, and say whether there were any."""
        is_share = batch.con_id == self.listed.underlying_con_id
        places, rows = self._matches(batch.con_id)
        if not len(rows) and not is_share.any():
            return False
        self.changes += 1
        self.quotes.update(rows, **batch.at(places), stale=batch.stale[places])
        self.origin[rows] = batch.origin[places]
        self.changed_at[rows] = self.changes
        if is_share.any():
            self._apply_share(batch, int(np.flatnonzero(is_share)[-1]))
            self.changed_at[-1] = self.changes
        self.trace_context = batch.trace_context or self.trace_context
        self.latest_trace = batch.trace_context or self.latest_trace
        return True

    def distrust(self) -> None:
        """Flag every quote as stale until a batch brings it again."""
        self.quotes.distrust()
        self.changes += 1
        self.changed_at[:] = self.changes

    def copied(self, market_time: float) -> CopiedBook:
        """The book as it is, with the trace context, which is empty afterwards."""
        columns = {name: getattr(self.quotes, name).copy() for name in _OPTION_COLUMNS}
        quotes = Quotes(**columns, underlying=dataclasses.replace(self.quotes.underlying))
        copy = CopiedBook(
            self.listed,
            quotes,
            self.origin.copy(),
            self.changed_at.copy(),
            market_time,
            self.changes,
            self.trace_context,
            self.latest_trace,
        )
        self.trace_context = b""
        return copy

    def replace_chain(self, listed: ListedChain, market_time: float) -> None:
        """Change to another list of contracts, keeping the quotes of those that stay.

        Quotes from after `market_time` are dropped: they are of another day of a replay.
        """
        before, quotes, origin = self.listed.chain, self.quotes, self.origin
        self._set_chain(listed)
        kept = np.array(
            [before.row_of(con_id) is not None for con_id in listed.chain.con_id.tolist()], np.bool_
        )
        rows = np.flatnonzero(kept)
        old = before.rows_of(listed.chain.con_id[rows].tolist())
        with np.errstate(invalid="ignore"):
            past = quotes.quote_time[old] <= market_time
        rows, old = rows[past], old[past]
        self.quotes.update(rows, **{name: getattr(quotes, name)[old] for name in _OPTION_COLUMNS})
        self.origin[rows] = origin[old]
        if quotes.underlying.time <= market_time:
            self.quotes.underlying = quotes.underlying
        self.changes += 1

    def _set_chain(self, listed: ListedChain) -> None:
        self.listed = listed
        self.quotes = Quotes.empty(listed.chain)
        self.origin = np.zeros(len(listed.chain), np.int64)
        self.changed_at = np.full(len(listed.chain) + 1, self.changes)
        self.trace_context = self.latest_trace = b""
        self._order = np.argsort(listed.chain.con_id)
        self._sorted_ids = listed.chain.con_id[self._order]

    def _matches(self, con_id: Ints) -> tuple[Ints, Ints]:
        """Places in the batch, and rows of the chain, of the contracts that are in both."""
        at = np.minimum(np.searchsorted(self._sorted_ids, con_id), len(self._sorted_ids) - 1)
        places = np.flatnonzero(self._sorted_ids[at] == con_id)
        return places, self._order[at[places]]

    def _apply_share(self, batch: BatchColumns, place: int) -> None:
        prices = {name: float(batch.columns[name][place]) for name in SHARE_PRICES if name in batch.columns}
        times = batch.columns.get("quote_time")
        share = self.quotes.underlying
        share.update(time=float("nan") if times is None else float(times[place]), **prices)
        share.stale = bool(batch.stale[place])
