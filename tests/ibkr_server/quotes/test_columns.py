import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from spreadmesh.market.v1.quotes_pb2 import QuoteBatch

from ibkr_server.quotes.batch import fill_batch
from ibkr_server.quotes.columns import FLOAT_FIELDS, Quote, QuoteColumns

NAN = float("nan")


def quote(**values: float) -> Quote:
    fields = dict.fromkeys(FLOAT_FIELDS, NAN) | values
    return Quote(**fields, origin=1)


def write(columns: QuoteColumns, row: int, new: Quote, time: int | None) -> bool:
    """Write one row; without a time only other fields have changed."""
    (changed,) = columns.write([row], [new], [time is not None], time or 0).tolist()
    return bool(changed)


def value(columns: QuoteColumns, row: int, field: str) -> float:
    return float(columns.values[FLOAT_FIELDS.index(field), row])


def test_a_side_that_was_not_told_keeps_its_value() -> None:
    columns = QuoteColumns()
    row = columns.row(7)
    write(columns, row, quote(bid=1.0, ask=1.2), 10)
    write(columns, row, quote(bid=1.1), 20)
    assert (value(columns, row, "bid"), value(columns, row, "ask")) == (1.1, 1.2)
    assert columns.quote_time_us[row] == 20


def test_a_side_that_is_told_to_be_empty_is_missing() -> None:
    columns = QuoteColumns()
    row = columns.row(7)
    write(columns, row, quote(bid=1.0, ask=1.2), 10)
    write(columns, row, quote(bid=-1.0), 20)
    assert math.isnan(value(columns, row, "bid"))
    assert value(columns, row, "ask") == 1.2


def test_greeks_may_be_negative() -> None:
    columns = QuoteColumns()
    row = columns.row(7)
    write(columns, row, quote(delta=-0.4, theta=-0.02), None)
    assert (value(columns, row, "delta"), value(columns, row, "theta")) == (-0.4, -0.02)


def test_other_values_do_not_renew_the_quote() -> None:
    columns = QuoteColumns()
    row = columns.row(7)
    assert write(columns, row, quote(bid=1.0), 10)
    assert write(columns, row, quote(bid=1.0, volume=5.0), None)
    assert not write(columns, row, quote(bid=1.0, volume=5.0), None)
    assert write(columns, row, quote(bid=1.0, volume=5.0), 30)
    assert columns.quote_time(7) == 30e-6


def test_rows_are_written_together_each_as_if_alone() -> None:
    together, alone = QuoteColumns(), QuoteColumns()
    rows = [together.row(con_id) for con_id in (7, 8, 9)]
    quotes = [quote(bid=1.0, ask=1.2), quote(bid=-1.0), quote(volume=5.0)]
    times = [10, 10, None]
    changed = together.write(rows, quotes, [time is not None for time in times], 10)
    one_by_one = [
        write(alone, alone.row(con_id), *what) for con_id, *what in zip((7, 8, 9), quotes, times, strict=True)
    ]
    assert changed.tolist() == one_by_one == [True, True, True]
    np.testing.assert_array_equal(together.values, alone.values)
    np.testing.assert_array_equal(together.quote_time_us, alone.quote_time_us)


def test_a_contract_without_a_quote_has_no_quote_time() -> None:
    columns = QuoteColumns()
    write(columns, columns.row(7), quote(open_interest=3.0), None)
    assert columns.quote_time(7) is None
    assert columns.quote_time(8) is None


@given(
    st.lists(st.tuples(st.integers(1, 50), st.floats(0, 100), st.floats(0.01, 100)), min_size=1, max_size=120)
)
def test_rows_are_stable_while_the_columns_grow(writes: list[tuple[int, float, float]]) -> None:
    columns = QuoteColumns(capacity=2)
    latest: dict[int, tuple[float, float]] = {}
    for time, (con_id, bid, ask) in enumerate(writes, 1):
        write(columns, columns.row(con_id), quote(bid=bid, ask=ask), time)
        latest[con_id] = (bid, ask)
    batch = QuoteBatch()
    fill_batch(batch, columns, [columns.row(con_id) for con_id in latest], greeks=False)
    assert dict(zip(batch.con_id, zip(batch.bid, batch.ask, strict=True), strict=True)) == latest
    assert not batch.delta
    assert np.isnan(batch.last).all()
