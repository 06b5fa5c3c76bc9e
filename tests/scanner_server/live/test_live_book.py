"""The live book against a dictionary that does the same slowly."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spreadmesh.common.v1.contract_pb2 import Underlying
from spreadmesh.market.v1.chain_pb2 import GetOptionChainResponse
from spreadmesh.market.v1.quotes_pb2 import QuoteBatch

from scanner_server.feed.batches import BatchColumns
from scanner_server.live.book import LiveBook
from scanner_server.snapshot.listed_chain import ListedChain
from scanner_server.translation.chain import listed_chain
from scanner_server.translation.times import timestamp_of
from tests.scanner_server.scripted_market import CONTRACTS, NOON, SHARE

UNKNOWN = 9999
IDS = [*list(CONTRACTS)[:6], SHARE, UNKNOWN]


def listed(con_ids: list[int]) -> ListedChain:
    return listed_chain(
        GetOptionChainResponse(
            underlying=Underlying(con_id=SHARE, symbol="ACME"),
            contracts=[CONTRACTS[con_id] for con_id in con_ids],
            market_time=timestamp_of(NOON),
        )
    )


def batch(values: dict[int, float], stale: Sequence[bool] = (), **fields: bytes) -> BatchColumns:
    message = QuoteBatch(
        con_id=list(values),
        bid=list(values.values()),
        ask=[bid + 1 for bid in values.values()],
        quote_time_us=[round(NOON * 1e6)] * len(values),
        origin=[1] * len(values),
        stale=stale,
    )
    return BatchColumns.of(message, **fields)


rows = st.dictionaries(st.sampled_from(IDS), st.floats(0, 100), min_size=1)


@given(st.lists(rows, max_size=10))
def test_holds_the_latest_of_each_contract(updates: list[dict[int, float]]) -> None:
    book = LiveBook(listed(list(CONTRACTS)[:6]))
    latest: dict[int, float] = {}
    changes = 0
    for update in updates:
        mine = {con_id: bid for con_id, bid in update.items() if con_id != UNKNOWN}
        assert book.apply(batch(update)) == bool(mine)
        changes += bool(mine)
        latest |= mine
    ids = book.listed.chain.con_id.tolist()
    np.testing.assert_equal(book.quotes.bid, [latest.get(con_id, math.nan) for con_id in ids])
    np.testing.assert_equal(book.changed_at > 0, [con_id in latest for con_id in (*ids, SHARE)])
    np.testing.assert_equal(book.quotes.underlying.bid, latest.get(SHARE, math.nan))
    assert book.changes == changes


flags = st.dictionaries(st.sampled_from([*IDS[:6], SHARE]), st.booleans(), min_size=1)


@given(st.lists(flags | st.none(), max_size=10))
def test_a_quote_is_stale_from_a_loss_or_a_flag_until_it_comes_again(
    events: list[dict[int, bool] | None],
) -> None:
    book = LiveBook(listed(IDS[:6]))
    expected: dict[int, bool] = {}
    for event in events:
        before = book.changes
        if event is None:
            book.distrust()
            expected = dict.fromkeys(expected, True) | {SHARE: True}
        else:
            book.apply(batch(dict.fromkeys(event, 5.0), stale=list(event.values())))
            expected |= event
        assert book.changes == before + 1
    copy = book.copied(NOON).quotes
    book.distrust()
    ids = book.listed.chain.con_id.tolist()
    assert copy.stale.tolist() == [expected.get(con_id, False) for con_id in ids]
    assert copy.underlying.stale == expected.get(SHARE, False)


def test_a_copy_does_not_change() -> None:
    book = LiveBook(listed([101, 102]))
    book.apply(batch({101: 5.0, SHARE: 100.0}))
    copy = book.copied(NOON)
    book.apply(batch({101: 6.0, 102: 7.0}))
    assert copy.quotes.bid[0] == 5.0
    assert copy.quotes.underlying.bid == 100.0
    assert copy.origin.tolist() == [1, 0]
    assert copy.changed_at.tolist() == [1, 0, 1]
    assert book.copied(NOON).changed_since(copy).tolist() == [0, 1]


def test_a_sampled_batch_is_remembered_until_the_copy() -> None:
    book = LiveBook(listed([101]))
    book.apply(batch({101: 5.0}, trace_context=b"x" * 25))
    book.apply(batch({101: 6.0}))
    assert book.copied(NOON).trace_context == b"x" * 25
    assert book.copied(NOON).trace_context == b""


def test_another_chain_keeps_the_quotes_of_contracts_that_stay() -> None:
    book = LiveBook(listed([101, 102, 103]))
    book.apply(batch({101: 5.0, 103: 7.0, SHARE: 100.0}, stale=[False, True, False]))
    book.replace_chain(listed([102, 103, 104]), NOON + 1)
    ids = book.listed.chain.con_id.tolist()
    bids = dict(zip(ids, book.quotes.bid.tolist(), strict=True))
    assert bids[103] == 7.0
    assert math.isnan(bids[102])
    assert math.isnan(bids[104])
    assert dict(zip(ids, book.quotes.stale.tolist(), strict=True)) == {102: False, 103: True, 104: False}
    assert book.quotes.underlying.bid == 100.0
    assert book.changes == 2


def test_quotes_of_a_later_day_are_dropped_with_the_old_chain() -> None:
    book = LiveBook(listed([101]))
    book.apply(batch({101: 5.0, SHARE: 100.0}))
    book.replace_chain(listed([101]), NOON - 86_400)
    assert not book.quotes.quoted.any()
    assert math.isnan(book.quotes.underlying.spot)


def test_the_chain_keeps_the_names_of_its_rows() -> None:
    chain = listed(list(CONTRACTS))
    assert [contract.con_id for contract in chain.contracts] == chain.chain.con_id.tolist()
    assert chain.chain.expirations == ("2026-03-20", "2026-04-17")
    with pytest.raises(ValueError, match="empty"):
        listed([])
