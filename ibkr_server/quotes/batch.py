"""Rows of the quote columns as a QuoteBatch."""

from collections.abc import Sequence

import numpy as np
from spreadmesh.market.v1.quotes_pb2 import QuoteBatch

from ibkr_server.quotes.columns import FLOAT_FIELDS, QuoteColumns

QUOTE_FIELDS = ("bid", "ask", "bid_size", "ask_size", "last", "volume", "open_interest")
GREEK_FIELDS = ("implied_volatility", "delta", "gamma", "vega", "theta")


def fill_batch(batch: QuoteBatch, columns: QuoteColumns, rows: Sequence[int], *, greeks: bool) -> None:
    """Write the latest values of `rows` into the columns of `batch`."""
    index = np.asarray(rows, np.intp)
    batch.con_id.extend(columns.con_id[index].tolist())
    for name in QUOTE_FIELDS + (GREEK_FIELDS if greeks else ()):
        getattr(batch, name).extend(columns.values[FLOAT_FIELDS.index(name), index].tolist())
    batch.quote_time_us.extend(columns.quote_time_us[index].tolist())
    batch.origin.extend(columns.origin[index].tolist())
