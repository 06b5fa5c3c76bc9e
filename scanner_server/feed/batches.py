"""A batch of quotes as NumPy columns."""

from collections.abc import Sized
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from spreadmesh.market.v1.quotes_pb2 import QuoteBatch

from scanner_server.columns import Flags, Floats, Ints

QUOTE_COLUMNS = ("bid", "ask", "bid_size", "ask_size", "last", "volume", "open_interest")
MICROSECOND = 1e-6


class MalformedBatch(Exception):  # noqa: N818 - reads as what it says
    """A column is neither empty nor as long as `con_id`."""


@dataclass(frozen=True, slots=True, eq=False)
class BatchColumns:
    """The rows of one batch, as the book takes them.

    Attributes:
        con_id: contracts; shape (k,).
        columns: `QUOTE_COLUMNS` that were sent, and `quote_time` in unix seconds of market time (NaN = no
            quote yet); each of shape (k,), NaN = missing.
        origin: `DataOrigin` numbers; shape (k,).
        stale: rows that can't be relied on; shape (k,).
        trace_context: of the span that took the batch in; empty where it is not sampled.
    """

    con_id: Ints
    columns: dict[str, Floats]
    origin: Ints
    stale: Flags
    trace_context: bytes = b""

    @classmethod
    def of(cls, batch: QuoteBatch, trace_context: bytes = b"") -> Self:
        """Convert a batch.

        Raises:
            MalformedBatch: columns of different lengths.
        """
        con_id = np.array(batch.con_id, np.int64)
        columns = {name: np.array(getattr(batch, name), np.float64) for name in QUOTE_COLUMNS}
        times = np.array(batch.quote_time_us, np.float64)
        times[times <= 0] = np.nan
        columns["quote_time"] = times * MICROSECOND
        sent = {name: column for name, column in columns.items() if len(column)}
        origin = np.array(batch.origin, np.int64) if batch.origin else np.zeros(len(con_id), np.int64)
        stale = np.array(batch.stale, np.bool_) if batch.stale else np.zeros(len(con_id), np.bool_)
        for name, column in (*sent.items(), ("origin", origin), ("stale", stale)):
            _check_length(name, column, len(con_id))
        return cls(con_id, sent, origin, stale, trace_context)

    def at(self, places: npt.NDArray[np.intp]) -> dict[str, Floats]:
        """The columns at some places of the batch."""
        return {name: column[places] for name, column in self.columns.items()}


def _check_length(name: str, column: Sized, length: int) -> None:
    if len(column) != length:
        raise MalformedBatch(f"{name} has {len(column)} rows, con_id {length}")
