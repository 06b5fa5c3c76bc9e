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


def value(columns: QuoteColumns, row: int, field: str) -> float:
    return float(columns.values[FLOAT_FIELDS.index(field), row])


def test_a_side_that_was_not_told_keeps_its_value() -> None:
    columns = QuoteColumns()
    row = columns.row(7)
    columns.write(row, quote(bid=1.0, ask=1.2), 10)
    columns.write(row, quote(bid=1.1), 20)
    assert (value(columns, row, "bid"), value(columns, row, "ask")) == (1.1, 1.2)
    assert columns.quote_time_us[row] == 20


def test_a_side_that_is_told_to_be_empty_is_missing() -> None:
    columns = QuoteColumns()
    row = columns.row(7)
    columns.write(row, quote(bid=1.0, ask=1.2), 10)
    columns.write(row, quote(bid=-1.0), 20)
    assert math.isnan(value(columns, row, "bid"))
    assert value(columns, row, "ask") == 1.2


def test_greeks_may_be_negative() -> None:
    columns = QuoteColumns()
    row = columns.row(7)
    columns.write(row, quote(delta=-0.4, theta=-0.02), None)
    assert (value(columns, row, "delta"), value(columns, row, "theta")) == (-0.4, -0.02)


def test_other_values_do_not_renew_the_quote() -> None:
    columns = QuoteColumns()
    row = columns.row(7)
    assert columns.write(row, quote(bid=1.0), 10)
    assert columns.write(row, quote(bid=1.0, volume=5.0), None)
    assert not columns.write(row, quote(bid=1.0, volume=5.0), None)
    assert columns.write(row, quote(bid=1.0, volume=5.0), 30)
    assert columns.quote_time(7) == 30e-6


def test_a_contract_without_a_quote_has_no_quote_time() -> None:
    columns = QuoteColumns()
    columns.write(columns.row(7), quote(open_interest=3.0), None)
    assert columns.quote_time(7) is None
    assert columns.quote_time(8) is None


@given(
    st.lists(st.tuples(st.integers(1, 50), st.floats(0, 100), st.floats(0.01, 100)), min_size=1, max_size=120)
)
def test_rows_are_stable_while_the_columns_grow(writes: list[tuple[int, float, float]]) -> None:
    columns = QuoteColumns(capacity=2)
    latest: dict[int, tuple[float, float]] = {}
    for time, (con_id, bid, ask) in enumerate(writes, 1):
        columns.write(columns.row(con_id), quote(bid=bid, ask=ask), time)
        latest[con_id] = (bid, ask)
    batch = QuoteBatch()
    fill_batch(batch, columns, [columns.row(con_id) for con_id in latest], greeks=False)
    assert dict(zip(batch.con_id, zip(batch.bid, batch.ask, strict=True), strict=True)) == latest
    assert not batch.delta
    assert np.isnan(batch.last).all()
