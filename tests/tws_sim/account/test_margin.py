"""Margins against the examples of the rules, worked out by hand."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tws_sim.account.accounts import CHAIN, LATER, SOON, SPOT, SPY, STRIKES, Prices
from tws_sim.account.account import Account, MarginChange, Trade
from tws_sim.account.margin import Held, options_margin

Leg = tuple[int, int, str]  # contracts, strike, right


def held(*legs: Leg, price: float = 1.0) -> list[Held]:
    return [Held(CHAIN[strike, right, SOON], quantity, price) for quantity, strike, right in legs]


def needs(*legs: Leg, shares: int = 0, spot: float = SPOT) -> float:
    return options_margin(held(*legs), shares, spot)


def opened(account: Account, trades: Sequence[Trade]) -> MarginChange:
    return account.margin_if(trades)


@pytest.mark.parametrize(
    ("legs", "needed"),
    [
        ([(3, 590, "C"), (1, 580, "P")], 0),  # bought, paid in full
        ([(1, 590, "C"), (-1, 595, "C")], 0),  # debit spreads likewise
        ([(1, 590, "P"), (-1, 585, "P")], 0),
        ([(-1, 590, "C"), (1, 595, "C")], 500),  # credit spreads: the width
        ([(-2, 590, "P"), (2, 580, "P")], 2000),
        ([(-1, 585, "P"), (1, 580, "P"), (-1, 595, "C"), (1, 605, "C")], 1000),  # condor: the worse wing
        ([(1, 585, "C"), (-2, 590, "C"), (1, 595, "C")], 0),  # butterfly bought
        ([(-1, 585, "C"), (2, 590, "C"), (-1, 595, "C")], 500),  # butterfly sold
        ([(1, 585, "C"), (-1, 595, "C"), (-1, 585, "P"), (1, 595, "P")], 0),  # box bought
        ([(-1, 585, "C"), (1, 595, "C"), (1, 585, "P"), (-1, 595, "P")], 1000),  # box sold
        ([(2, 590, "C"), (-1, 585, "C"), (1, 600, "C")], 500),  # the nearer of the options covers
    ],
)
def test_what_is_defined_needs_what_it_can_lose(legs: list[Leg], needed: float) -> None:
    assert needs(*legs) == pytest.approx(needed)


@pytest.mark.parametrize(
    ("legs", "spot", "needed"),
    [
        # The option's value, and 20 % of the underlying less what it is out of the money, at least 10 %.
        ([(-1, 590, "C")], 590, 100 + 0.2 * 59_000),
        ([(-1, 595, "C")], 590, 100 + 0.2 * 59_000 - 500),
        ([(-1, 620, "C")], 500, 100 + 0.1 * 50_000),
        ([(-1, 585, "P")], 590, 100 + 0.2 * 59_000 - 500),
        ([(-1, 560, "P")], 640, 100 + 0.1 * 56_000),
        # Sold on both sides: the greater requirement, and the other side's value.
        ([(-1, 585, "P"), (-1, 590, "C")], 590, 200 + 0.2 * 59_000),
        # What is left of a ratio spread is not covered; the dearer of the two is.
        ([(1, 580, "C"), (-2, 590, "C")], 590, 100 + 0.2 * 59_000),
    ],
)
def test_what_is_not_covered_needs_what_the_manual_says(legs: list[Leg], spot: float, needed: float) -> None:
    assert needs(*legs, spot=spot) == pytest.approx(needed)


def test_shares_cover_as_many_as_they_can_deliver() -> None:
    assert needs((-2, 590, "C"), shares=200) == 0
    assert needs((-2, 590, "C"), shares=199) == pytest.approx(100 + 0.2 * 59_000)
    assert needs((-1, 590, "P"), shares=-100) == 0
    assert needs((-1, 590, "P"), shares=100) == pytest.approx(100 + 0.2 * 59_000)


def test_an_option_that_expires_later_covers_and_an_earlier_one_does_not() -> None:
    near, far = CHAIN[590, "C", SOON], CHAIN[590, "C", LATER]
    assert options_margin([Held(near, -1, 1.0), Held(far, 1, 2.0)], 0, SPOT) == 0
    assert options_margin([Held(near, 1, 1.0), Held(far, -1, 2.0)], 0, SPOT) == pytest.approx(200 + 11_800)


def test_spreads_of_two_days_can_both_lose() -> None:
    spreads = [
        Held(CHAIN[585, "P", SOON], -1, 1.0), Held(CHAIN[580, "P", SOON], 1, 1.0),
        Held(CHAIN[595, "C", LATER], -1, 1.0), Held(CHAIN[600, "C", LATER], 1, 1.0),
    ]  # fmt: skip
    assert options_margin(spreads, 0, SPOT) == pytest.approx(1000)
    spreads[2:] = [Held(CHAIN[585, "P", LATER], -1, 1.0), Held(CHAIN[575, "P", LATER], 1, 1.0)]
    assert options_margin(spreads, 0, SPOT) == pytest.approx(1500)


@pytest.mark.parametrize(("price", "most"), [(1.2, 380), (4.0, 100)])
def test_margin_less_premium_is_a_credit_spreads_maximum_loss(price: float, most: float) -> None:
    prices = Prices()
    change = opened(
        prices.account(),
        [Trade(CHAIN[590, "C", SOON].con_id, -1, price + 1), Trade(CHAIN[595, "C", SOON].con_id, 1, 1.0)],
    )
    margin = change.initial_after - change.initial_before
    assert margin == pytest.approx(500)
    assert margin - (change.equity_after - change.equity_before) == pytest.approx(most + 2 * 1.00)


def test_what_is_not_covered_goes_by_the_underlyings_price_and_without_one_by_the_strike() -> None:
    prices = Prices()
    prices.marks[SPY.con_id] = 600.0
    sold = [Trade(CHAIN[610, "C", SOON].con_id, -1, 1.0)]
    assert opened(prices.account(), sold).initial_after == pytest.approx(100 + 0.2 * 60_000 - 1000)
    prices.marks[SPY.con_id] = None
    assert opened(prices.account(), sold).initial_after == pytest.approx(100 + 0.2 * 61_000)


def test_shares_need_half_and_then_a_quarter_sold_short_more() -> None:
    account = Prices().account()
    assert opened(account, [Trade(SPY.con_id, 100, SPOT)])[3:5] == pytest.approx((29_500, 14_750))
    assert opened(account, [Trade(SPY.con_id, -100, SPOT)])[3:5] == pytest.approx((29_500, 17_700))


verticals = st.tuples(
    st.sampled_from(STRIKES), st.sampled_from(STRIKES), st.sampled_from("CP"), st.integers(1, 9),
    st.integers(-300, 300),
).filter(lambda one: one[0] != one[1])  # fmt: skip


@given(verticals)
def test_a_vertical_takes_its_maximum_loss_out_of_the_funds(vertical: tuple[int, int, str, int, int]) -> None:
    """By hand: a debit is lost; a credit saves so much of the width."""
    bought, sold, right, quantity, cents = vertical
    long, short = CHAIN[bought, right, SOON].con_id, CHAIN[sold, right, SOON].con_id
    price = cents / 100  # paid for the spread; negative: received
    account = Prices().account()
    legs = [Trade(long, quantity, 5.0 + price), Trade(short, -quantity, 5.0)]
    change = opened(account, legs)
    is_debit = bought < sold if right == "C" else bought > sold
    width = 0 if is_debit else abs(bought - sold)
    loss = quantity * 100 * (width + price)
    fees = sum(account.commission(leg) for leg in legs)
    funds = (change.equity_after - change.initial_after) - (change.equity_before - change.initial_before)
    assert -funds == pytest.approx(loss + fees)


books = st.lists(
    st.tuples(st.integers(-3, 3).filter(bool), st.sampled_from(STRIKES), st.sampled_from("CP")),
    min_size=1, max_size=5, unique_by=lambda leg: leg[1:],
)  # fmt: skip


@given(books, st.integers(-300, 300), st.sampled_from([560.0, 590.0, 620.0]))
def test_more_that_is_bought_never_needs_more(legs: list[Leg], shares: int, spot: float) -> None:
    before = needs(*legs, shares=shares, spot=spot)
    assert before >= 0
    more = [
        (quantity + 1, strike, right) if quantity > 0 else (quantity, strike, right)
        for quantity, strike, right in legs
    ]
    assert needs(*more, shares=shares, spot=spot) <= before + 1e-6


@given(books, st.sampled_from([560.0, 590.0, 620.0]))
def test_covered_books_never_lose_more_than_their_margin(legs: list[Leg], spot: float) -> None:
    """An independent look: the payoff of the whole book at every price, where no side is short of options."""
    for right in "CP":
        if sum(quantity for quantity, _, one in legs if one == right) < 0:
            return

    def payoff(price: float) -> float:
        return sum(
            100 * quantity * max(0.0, price - strike if right == "C" else strike - price)
            for quantity, strike, right in legs
        )

    worst = min(payoff(price) for price in [0, *STRIKES, 2000])
    assert needs(*legs, spot=spot) >= -worst - 1e-6
