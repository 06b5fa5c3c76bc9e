"""Rows of the quote columns as a QuoteBatch."""

from collections.abc import Sequence

import numpy as np
from spreadmesh.market.v1.quotes_pb2 import QuoteBatch

from ibkr_server.quotes.columns import FLOAT_FIELDS, QuoteColumns
from mesh.wire import WireType, tag, varint

QUOTE_FIELDS = FLOAT_FIELDS[: FLOAT_FIELDS.index("implied_volatility")]
"""All but the Greeks."""
_TAG = {field.name: tag(field, WireType.LENGTH_DELIMITED) for field in QuoteBatch.DESCRIPTOR.fields}


def fill_batch(batch: QuoteBatch, columns: QuoteColumns, rows: Sequence[int], *, greeks: bool) -> None:
    """Append the latest values of `rows` to the columns of `batch`.

    A packed field of fixed width is the bytes of its array, so the columns are merged in wire form, which
    costs a quarter of setting them value by value. Bytes from 0 to 127 are varints of one byte, as enums and
    bools are.
    Source: https://protobuf.dev/programming-guides/encoding/#packed
    """
    index = np.array(rows, np.intp)
    names = FLOAT_FIELDS if greeks else QUOTE_FIELDS
    wide, narrow = varint(8 * len(rows)), varint(len(rows))
    wire = [
        _TAG["con_id"] + wide + columns.con_id[index].tobytes(),
        _TAG["quote_time_us"] + wide + columns.quote_time_us[index].tobytes(),
        _TAG["origin"] + narrow + columns.origin[index].tobytes(),
        _TAG["stale"] + narrow + columns.stale[index].tobytes(),
    ]
    values = columns.values[: len(names), index]
    wire += [_TAG[name] + wide + column.tobytes() for name, column in zip(names, values, strict=True)]
    batch.MergeFromString(b"".join(wire))
