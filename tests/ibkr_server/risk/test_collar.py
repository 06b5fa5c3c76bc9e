from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ibkr_server.risk.collar import collar, is_within
from tests.ibkr_server.risk.contracts import D

prices = st.decimals(-50, 50, places=3)
sizes = st.decimals(0, 50, places=2)


def test_it_is_a_tenth_of_mid_where_that_is_more_than_three_ticks() -> None:
    assert collar(D("-2.00"), D("0.01"), D(10), D(3)) == D("0.2")


def test_it_is_three_ticks_where_mid_is_small() -> None:
    assert collar(D("0.10"), D("0.05"), D(10), D(3)) == D("0.15")
    assert collar(D(0), D("0.01"), D(10), D(3)) == D("0.03")


@given(prices, prices, sizes, sizes)
def test_what_is_within_stays_within_a_wider_one(
    limit: Decimal, mid: Decimal, one: Decimal, two: Decimal
) -> None:
    narrow, wide = sorted((one, two))
    assert is_within(limit, mid, wide) or not is_within(limit, mid, narrow)


@given(prices, sizes, sizes)
def test_both_sides_are_alike_and_the_bound_is_allowed(mid: Decimal, widest: Decimal, away: Decimal) -> None:
    assert is_within(mid + widest, mid, widest)
    assert is_within(mid - widest, mid, widest)
    assert is_within(mid + away, mid, widest) is is_within(mid - away, mid, widest) is (away <= widest)


@given(prices, sizes, sizes, sizes, st.integers(0, 9))
def test_it_grows_with_the_settings_and_with_mid(
    mid: Decimal, more: Decimal, percent: Decimal, tick: Decimal, ticks: int
) -> None:
    narrow = collar(mid, tick, percent, D(ticks))
    assert collar(mid, tick, percent + more, D(ticks)) >= narrow
    assert collar(mid, tick, percent, ticks + more) >= narrow
    assert collar(abs(mid) + more, tick, percent, D(ticks)) >= narrow
