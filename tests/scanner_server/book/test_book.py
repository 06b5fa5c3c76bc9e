"""Chains are sorted and know their standard class; quotes take every way of saying "missing"."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner_server.book.chain import Chain
from scanner_server.book.quotes import Quotes, Underlying, normalised


def chain_of(rows: list[tuple[int, str, float, float, bool, str, float]]) -> Chain:
    ids, dates, at, strikes, calls, classes, shares = (list(column) for column in zip(*rows, strict=True))
    return Chain.of(
        "X",
        100,
        con_id=ids,
        expiration=dates,
        expires_at=at,
        strike=strikes,
        is_call=calls,
        trading_class=classes,
        multipliers=shares,
    )


ROW = st.tuples(
    st.sampled_from([("2016-01-15", 9.0), ("2016-01-15", 16.0), ("2016-01-22", 40.0)]),
    st.integers(1, 9).map(float),
    st.booleans(),
)


@given(st.lists(ROW, min_size=1, max_size=30, unique=True), st.randoms())
def test_rows_are_sorted_however_they_come(rows, random) -> None:
    ids = list(range(len(rows)))
    random.shuffle(ids)
    chain = chain_of(
        [(i, date, at, k, call, "X", 100.0) for i, ((date, at), k, call) in zip(ids, rows, strict=True)]
    )
    order = [(chain.expiration[r], not chain.is_call[r], chain.strike[r]) for r in range(len(chain))]
    assert order == sorted(order)
    for i, ((date, at), strike, call) in zip(ids, rows, strict=True):
        row = chain.row_of(i)
        e = chain.expiration[row]
        assert (chain.expirations[e], chain.expires_at[e]) == (date, at)
        assert (chain.strike[row], chain.is_call[row]) == (strike, call)
        assert chain.rows_of([i]).tolist() == [row]
    assert chain.row_of(-1) is None


def test_adjusted_contracts_and_thin_classes_are_not_standard() -> None:
    main = [(i, "2016-01-15", 9.0, float(i), True, "X", 100.0) for i in range(3)]
    adjusted = [(10 + i, "2016-01-15", 9.0, float(i), True, "X1", 10.0) for i in range(5)]
    thin = [(20, "2016-01-15", 9.0, 1.0, True, "A", 100.0)]
    chain = chain_of(adjusted + thin + main)
    assert set(chain.con_id[chain.standard].tolist()) == {0, 1, 2}


def test_a_contract_listed_twice_and_ragged_columns_are_refused() -> None:
    row = (1, "2016-01-15", 9.0, 5.0, True, "X", 100.0)
    with pytest.raises(ValueError, match="twice"):
        chain_of([row, row])
    with pytest.raises(ValueError, match="one length"):
        Chain.of(
            "X",
            100,
            con_id=[1],
            expiration=[],
            expires_at=[1.0],
            strike=[1.0],
            is_call=[True],
            trading_class=["X"],
        )


@pytest.mark.parametrize(
    "value", [-1, -100.0, math.nan, math.inf, -math.inf, 1.7976931348623157e308, 2**31 - 1]
)
def test_every_sentinel_is_missing(value: float) -> None:
    assert math.isnan(normalised([value])[0])


def test_zero_and_ordinary_values_are_kept() -> None:
    assert normalised([0, 0.05, 123456]).tolist() == [0, 0.05, 123456]


def quotes_of(bids: list[float], asks: list[float]) -> Quotes:
    chain = chain_of([(i, "2016-01-15", 9.0, float(i), True, "X", 100.0) for i in range(len(bids))])
    quotes = Quotes.empty(chain)
    quotes.update(np.arange(len(bids)), bid=bids, ask=asks)
    return quotes


def test_a_mid_needs_both_sides_uncrossed() -> None:
    quotes = quotes_of([1.0, 0.0, -1, 1.0, 2.0, 0.0, 3.0], [2.0, 0.1, 1.0, -1, 1.0, 0.0, 3.0])
    mid = quotes.mid()
    assert mid[[0, 1, 6]].tolist() == [1.5, 0.05, 3.0]
    assert np.isnan(mid[2:6]).all()


def test_a_side_is_carried_forward_until_it_is_updated() -> None:
    quotes = quotes_of([1.0, 1.0], [2.0, 2.0])
    quotes.update([1], ask=3.0, quote_time=100.0)
    assert quotes.mid().tolist() == [1.5, 2.0]
    assert quotes.quoted.tolist() == [False, True]
    quotes.update([1], bid=-1)
    assert math.isnan(quotes.mid()[1])
    with pytest.raises(ValueError, match="no column"):
        quotes.update([1], underlying=1.0)


def test_spot_is_the_mid_or_else_the_last_trade() -> None:
    share = Underlying()
    assert math.isnan(share.spot)
    share.update(time=1.0, last=10.0)
    assert share.spot == 10.0
    share.update(time=2.0, bid=10.5, ask=11.5)
    assert (share.spot, share.time) == (11.0, 2.0)
    share.update(time=3.0, bid=12.0)
    assert share.spot == 10.0
    with pytest.raises(ValueError, match="no size"):
        share.update(time=4.0, size=1.0)
