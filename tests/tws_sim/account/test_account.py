"""Positions, commissions and profit against figures worked out by hand, and what holds of any trades."""

from itertools import count
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tws_sim.account.accounts import CHAIN, LATER, SOON, SPY, Prices
from tws_sim.account.account import START_CASH, Account, Booked, Trade

CALL = CHAIN[590, "C", SOON].con_id
CONTRACTS = [SPY.con_id, *(CHAIN[strike, right, SOON].con_id for strike in (585, 590) for right in "CP")]
trades = st.lists(
    st.builds(
        Trade,
        st.sampled_from(CONTRACTS),
        st.integers(-7, 7).filter(bool),
        st.integers(1, 2000).map(lambda cents: cents / 100),
    ),
    max_size=25,
)


def booked(account: Account, *done: Trade) -> list[Booked]:
    numbers = count(account.revision)
    return [account.book(trade, f"0000e0d5.{next(numbers):08x}.01.01") for trade in done]


@pytest.mark.parametrize(
    ("quantity", "premium", "commission"),
    [(1, 2, 1.00), (2, 5, 1.30), (3, 0.075, 1.50), (5, 0.03, 1.25), (-10, 1.0, 6.50), (4, 0.05, 2.00)],
)
def test_options_cost_what_the_tariff_says(quantity: int, premium: float, commission: float) -> None:
    """The first four are the examples of IB's page."""
    assert Prices().account().commission(Trade(CALL, quantity, premium)) == pytest.approx(commission)


@pytest.mark.parametrize(("quantity", "commission"), [(1, 1.0), (200, 1.0), (-1000, 5.0)])
def test_shares_cost_half_a_cent_each(quantity: int, commission: float) -> None:
    assert Prices().account().commission(Trade(SPY.con_id, quantity, 590)) == pytest.approx(commission)


def test_the_least_commission_is_due_once_per_order_and_contract() -> None:
    account = Prices().account()
    costs = [
        account.book(Trade(CALL, 1, 3.0), f"a.{number}.01.01", order=7).commission for number in range(3)
    ]
    assert costs == pytest.approx([1.00, 0.30, 0.65])  # of 0.65, of 1.30, of 1.95
    assert account.book(Trade(CALL, 1, 3.0), "b.1.01.01", order=8).commission == 1.0


def test_bought_added_to_and_sold_in_part_by_hand() -> None:
    """Two at 5.00 for 1.30, one at 6.20 for 1.00; two sold at 7.00 for 1.30."""
    prices = Prices()
    account = prices.account()
    first, second, third = booked(account, Trade(CALL, 2, 5.0), Trade(CALL, 1, 6.2), Trade(CALL, -2, 7.0))
    assert (first.realized, second.realized) == (None, None)
    cost = (1001.30 + 621.00) / 3
    held = account.position(CALL)
    assert (held.quantity, held.average_cost) == pytest.approx((1, cost))
    realized = 2 * (700 - cost) - 1.30
    assert third.realized == pytest.approx(realized)
    assert account.balance().cash == pytest.approx(START_CASH - 1001.30 - 621.00 + 1398.70)
    prices.marks[CALL] = 7.5
    assert account.profit() == pytest.approx((750 - cost + realized, 750 - cost, realized))


def test_a_short_position_costs_what_was_received_less_commission() -> None:
    account = Prices().account()
    booked(account, Trade(CALL, -4, 2.0))
    assert account.position(CALL).average_cost == pytest.approx(200 - 0.65)
    [covered] = booked(account, Trade(CALL, 4, 1.5))
    assert covered.realized == pytest.approx(4 * (200 - 0.65) - 4 * (150 + 0.65))
    assert account.position(CALL).average_cost == 0


def test_through_zero_what_is_left_is_opened_at_the_new_price() -> None:
    account = Prices().account()
    booked(account, Trade(SPY.con_id, 100, 590.0))
    [turned] = booked(account, Trade(SPY.con_id, -300, 600.0))  # commission 1.50, a third of it for closing
    assert turned.realized == pytest.approx(100 * 10 - 1.00 - 0.50)
    held = account.position(SPY.con_id)
    assert (held.quantity, held.average_cost) == pytest.approx((-200, 600 - 1.00 / 200))


def test_an_execution_counts_once_and_its_correction_instead_of_it() -> None:
    account = Prices().account()
    for _ in range(2):
        assert account.book(Trade(CALL, 5, 2.0), "e.1.01.01").commission == pytest.approx(3.25)
        assert account.revision == 1
    assert account.position(CALL).quantity == 5
    assert account.book(Trade(CALL, 4, 2.1), "e.1.01.02").commission == pytest.approx(2.60)
    late = account.book(Trade(CALL, 5, 2.0), "e.1.01.01")  # an older one, replayed
    assert late.commission == pytest.approx(2.60)
    assert account.position(CALL).quantity == 4
    assert account.balance().cash == pytest.approx(START_CASH - 840 - 2.60)


def test_a_correction_changes_the_profit_of_what_was_closed_since() -> None:
    account = Prices().account()
    account.book(Trade(CALL, 1, 2.0), "e.1.01.01")
    account.book(Trade(CALL, -1, 3.0), "e.2.01.01")
    account.book(Trade(CALL, 1, 2.5), "e.1.01.02")
    assert account.position(CALL).realized == pytest.approx(300 - 250 - 2.00)


def test_the_day_begins_anew_at_midnight_in_new_york() -> None:
    prices = Prices()
    account = prices.account()
    prices.marks[CALL] = 3.0
    booked(account, Trade(CALL, 1, 2.0))
    assert account.profit() == pytest.approx((99, 99, 0))
    prices.pacer.advance(14 * 3600)
    assert account.profit() == pytest.approx((0, 99, 0))
    prices.marks[CALL] = 2.6
    assert account.profit() == pytest.approx((-40, 59, 0))
    booked(account, Trade(CALL, -1, 2.6))
    assert account.profit() == pytest.approx((-41, 0, 58))
    assert [one.position.quantity for one in account.holdings()] == [0]
    prices.pacer.advance(24 * 3600)
    assert account.holdings() == []


def test_without_a_quote_the_last_price_known_counts() -> None:
    prices = Prices()
    account = prices.account()
    prices.marks[CALL] = None
    booked(account, Trade(CALL, 1, 2.0))
    assert account.holding(CALL).value == 200
    prices.marks[CALL] = 3.0
    assert account.holding(CALL).value == 300
    prices.marks[CALL] = None
    assert account.holding(CALL).value == 300


@pytest.mark.parametrize("trade", [Trade(1, 1, 1.0), Trade(CALL, 0, 1.0)])
def test_what_cannot_be_booked_changes_nothing(trade: Trade) -> None:
    account = Prices().account()
    with pytest.raises(ValueError, match=r"neither a share nor an option|has a quantity"):
        account.book(trade, "e.1.01.01")
    assert (account.revision, account.positions()) == (0, [])


@given(trades, st.integers(560, 620))
def test_no_money_is_made_or_lost_but_by_prices_and_commissions(done: list[Trade], spot: int) -> None:
    """Cash, what is held and commissions add up to the start; so do realized and unrealized profit."""
    prices = Prices()
    account = prices.account()
    prices.marks[SPY.con_id] = float(spot)
    reports = booked(account, *done)
    paid = sum(one.commission for one in reports)
    worth = 0.0
    for trade in done:
        size = 1 if trade.con_id == SPY.con_id else 100
        now = cast("float", prices.mark(account.position(trade.con_id).item))
        worth += trade.quantity * size * (now - trade.price)
    balance, profit = account.balance(), account.profit()
    assert balance.net_liquidation == pytest.approx(START_CASH + worth - paid)
    assert profit.unrealized + profit.realized == pytest.approx(worth - paid, abs=1e-6)
    assert profit.daily == pytest.approx(worth - paid, abs=1e-6)
    assert sum(one.realized or 0 for one in reports) == pytest.approx(profit.realized, abs=1e-6)


@given(trades)
def test_once_all_is_closed_nothing_is_held_and_no_margin_is_needed(done: list[Trade]) -> None:
    account = Prices().account()
    booked(account, *done)
    booked(account, *(Trade(one.item.con_id, -one.quantity, 1.0) for one in account.positions()))
    assert account.positions() == []
    balance, profit = account.balance(), account.profit()
    assert (*balance.margin, balance.gross, balance.options, balance.shares) == (0, 0, 0, 0, 0)
    assert profit.unrealized == 0
    assert profit.realized == pytest.approx(balance.cash - START_CASH, abs=1e-6)


@given(trades, st.data())
def test_what_if_foretells_what_booking_does(done: list[Trade], data: st.DataObject) -> None:
    account = Prices().account()
    booked(account, *done)
    asked = data.draw(trades)
    change = account.margin_if(asked)
    before = account.balance()
    assert change[:3] == pytest.approx((*before.margin, before.equity_with_loan))
    booked(account, *asked)
    after = account.balance()
    assert change[3:] == pytest.approx((*after.margin, after.equity_with_loan))


def test_what_is_sold_short_counts_against_the_account_and_as_much_in_the_gross_value() -> None:
    prices = Prices()
    account = prices.account()
    prices.marks[CALL] = 3.0
    booked(account, Trade(CALL, -2, 2.0), Trade(SPY.con_id, 10, 590.0))
    balance = account.balance()
    assert (balance.options, balance.shares, balance.gross) == pytest.approx((-600, 5900, 6500))
    assert balance.net_liquidation == pytest.approx(START_CASH + 400 - 5900 - 2.30 + 5300)


def test_later_options_are_another_position() -> None:
    account = Prices().account()
    booked(account, Trade(CALL, 1, 2.0), Trade(CHAIN[590, "C", LATER].con_id, -1, 4.0))
    assert [one.quantity for one in account.positions()] == [1, -1]
