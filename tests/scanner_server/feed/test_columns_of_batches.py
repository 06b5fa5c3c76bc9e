"""Batches as columns."""

import numpy as np
import pytest
from spreadmesh.market.v1.quotes_pb2 import QuoteBatch

from scanner_server.feed.batches import BatchColumns, MalformedBatch


def test_columns_that_were_not_sent_are_left_out() -> None:
    columns = BatchColumns.of(
        QuoteBatch(con_id=[5, 6], bid=[1.0, float("nan")], quote_time_us=[2_500_000, 0])
    )
    assert set(columns.columns) == {"bid", "quote_time"}
    np.testing.assert_equal(columns.columns["bid"], [1.0, np.nan])
    np.testing.assert_equal(columns.columns["quote_time"], [2.5, np.nan])
    assert columns.origin.tolist() == [0, 0]
    assert columns.stale.tolist() == [False, False]


@pytest.mark.parametrize("column", ["bid", "volume", "quote_time_us", "origin", "stale"])
def test_a_column_of_another_length_is_refused(column: str) -> None:
    with pytest.raises(MalformedBatch):
        BatchColumns.of(QuoteBatch(con_id=[5, 6], **{column: [1]}))
