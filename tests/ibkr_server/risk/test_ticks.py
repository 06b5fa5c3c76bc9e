from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibkr_server.risk.ticks import Ticks, on_tick, ticks_of
from tests.ibkr_server.risk.contracts import CALLS, CENT, NICKEL, PENNY_PILOT, PUTS, D, option, share

LADDERS = (CENT, PENNY_PILOT, NICKEL)
prices = st.decimals(-200, 200, places=4)


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**4))
def test_multiples_of_a_tick_are_on_it_and_what_is_between_is_not(count: int, hundredths: int) -> None:
    tick = D(hundredths) / 100
    assert on_tick(count * tick, tick)
    assert not on_tick(count * tick + tick / 3, tick)


@pytest.mark.parametrize(
    ("price", "on"),
    [("2.99", True), ("3.00", True), ("3.01", False), ("3.05", True), ("-2.99", True), ("-3.01", False)],
)
def test_the_step_grows_at_three_dollars_on_either_side(price: str, on: bool) -> None:
    assert Ticks(PENNY_PILOT).has(D(price)) is on


def test_the_tenth_of_a_float_is_no_tenth() -> None:
    assert not Ticks(CENT).has(Decimal.from_float(0.1))
    assert Ticks(CENT).has(D("0.1"))


@given(prices, st.sampled_from(LADDERS))
def test_up_and_down_are_the_nearest_prices_to_each_side(price: Decimal, ladder: tuple) -> None:
    ticks = Ticks(ladder)
    below, above = ticks.down(price), ticks.up(price)
    assert below <= price <= above
    assert ticks.has(below)
    assert ticks.has(above)
    cents = range(int(below * 100) + 1, int(above * 100))
    assert not any(ticks.has(D(cent) / 100) for cent in cents if below < D(cent) / 100 < above)
    assert (below == above) is ticks.has(price)


def test_a_single_option_follows_its_own_rule() -> None:
    assert ticks_of([option(1, 600, "C", increments=NICKEL)]).step(D("3.10")) == D("0.10")


def test_combos_of_options_on_shares_go_by_the_cent_whatever_their_legs_do() -> None:
    legs = [option(1, 600, "C", increments=PENNY_PILOT), option(2, 605, "C", increments=NICKEL)]
    assert ticks_of(legs).step(D("12.34")) == D("0.01")


def test_combos_of_wide_index_options_go_by_five_cents() -> None:
    index = [option(n, 6000 + n, "C", increments=NICKEL, underlying_type="IND") for n in (1, 2)]
    assert ticks_of(index).step(D(7)) == D("0.05")


def test_combos_of_index_options_that_go_by_the_cent_do_so_too() -> None:
    index = [option(n, 600 + n, "C", increments=CENT, underlying_type="IND") for n in (1, 2)]
    assert ticks_of(index).step(D(7)) == D("0.01")


def test_a_share_with_an_option_goes_by_the_cent() -> None:
    assert ticks_of([share(), CALLS[100]]).step(D(590)) == D("0.01")
    assert ticks_of([PUTS[200], share()]).step(D(590)) == D("0.01")
