from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from ibkr_server.account.book import AccountBook
from ibkr_server.account.position import AccountValues, Mark, Position, Profit

NOW = 1000.0
CALL = Position(
    "DU1",
    7,
    "SPY",
    "OPT",
    "SPY C",
    date(2026, 12, 18),
    Decimal(590),
    "C",
    Decimal(100),
    Decimal(2),
    Decimal("5.25"),
)
SHARES = Position(
    "DU1", 3, "SPY", "STK", "SPY", None, Decimal(0), None, Decimal(1), Decimal(-50), Decimal(580)
)
MARK = Mark(Decimal(6), Decimal(1200), Decimal(150), Decimal(0))


@pytest.fixture
def book() -> AccountBook:
    return AccountBook(lambda: NOW)


def complete(book: AccountBook, *positions: Position) -> None:
    book.list_requested()
    for position in positions:
        book.position_told(position)
    book.positions_complete()


def test_a_list_of_positions_counts_once_it_is_complete(book: AccountBook) -> None:
    complete(book, CALL, SHARES)
    assert book.positions() == [SHARES, CALL]
    book.away()
    book.list_requested()
    book.position_told(replace(SHARES, quantity=Decimal(-60)))
    assert (book.positions(), book.reconciled, book.positions_of("DU1")) == ([SHARES, CALL], False, None)
    book.positions_complete()
    assert book.positions() == [replace(SHARES, quantity=Decimal(-60))]
    assert book.positions_of("DU1") == book.positions()
    assert book.positions_of("DU2") == []


def test_a_list_that_breaks_off_leaves_what_was_known(book: AccountBook) -> None:
    complete(book, CALL)
    book.list_requested()
    book.position_told(SHARES)
    book.session_began()
    complete(book, CALL)
    assert book.positions() == [CALL]


def test_updates_replace_and_nothing_left_removes(book: AccountBook) -> None:
    complete(book, CALL)
    book.position_told(replace(CALL, quantity=Decimal(5)))
    book.position_told(SHARES)
    assert [position.quantity for position in book.positions()] == [Decimal(-50), Decimal(5)]
    book.position_told(replace(CALL, quantity=Decimal(0)))
    assert book.positions() == [SHARES]
    assert book.position(CALL.key) is None


def test_what_the_list_has_with_nothing_left_is_not_held(book: AccountBook) -> None:
    complete(book, replace(CALL, quantity=Decimal(0)))
    assert book.positions() == []


def test_values_of_a_position_may_come_before_it_and_stay_with_it(book: AccountBook) -> None:
    book.marked(CALL.key, MARK)
    complete(book, CALL)
    (told,) = book.positions()
    assert (told.market_price, told.market_value, told.unrealized_pnl) == (6, 1200, 150)
    assert told.quantity == CALL.quantity
    book.position_told(replace(CALL, quantity=Decimal(0)))
    book.position_told(CALL)
    assert book.positions() == [CALL]


def test_profit_is_known_from_the_gateway_only_while_it_is_there(book: AccountBook) -> None:
    assert book.daily_pnl("DU1") is None
    book.requested(5, "DU1")
    book.profit_told(5, Profit(daily=Decimal(-300)))
    assert book.daily_pnl("DU1") is None  # the account was not told yet
    book.value_told("DU1", "NetLiquidation", "USD", "1000.50")
    book.values_complete("DU1")
    assert book.daily_pnl("DU1") == Decimal(-300)
    book.profit_told(6, Profit(daily=Decimal(9)))
    assert book.daily_pnl("DU1") == Decimal(-300)
    book.away()
    assert book.daily_pnl("DU1") is None
    book.values_complete("DU1")
    assert book.daily_pnl("DU1") is None  # nothing was told since


def test_values_are_found_in_the_base_currency(book: AccountBook) -> None:
    book.value_told("DU1", "TotalCashValue", "EUR", "5")
    book.value_told("DU1", "TotalCashValue", "USD", "7.50")
    book.value_told("DU1", "NetLiquidation", "USD", "1000.50")
    book.value_told("DU1", "Cushion", "", "1")
    book.value_told("DU1", "AvailableFunds", "USD", "1.7976931348623157E308")
    book.value_told("DU1", "BuyingPower", "USD", "n/a")
    values = book.values("DU1")
    assert (values.currency, values.told, values.stale) == ("USD", NOW, True)
    assert values.amount("TotalCashValue") == Decimal("7.50")
    assert [values.amount(tag) for tag in ("AvailableFunds", "BuyingPower", "Nonsense")] == [None] * 3
    assert book.values("DU2") == AccountValues("DU2")
    assert book.accounts() == ["DU1"]


def test_further_accounts_are_complete_by_the_number_of_their_request(book: AccountBook) -> None:
    book.requested(8, "DU2")
    book.value_told("DU2", "NetLiquidation", "USD", "1")
    book.multi_complete(9)
    assert book.values("DU2").stale
    book.multi_complete(8)
    assert not book.values("DU2").stale


def test_watchers_take_the_latest_of_all_that_changed(book: AccountBook) -> None:
    complete(book, CALL, SHARES)
    with book.watching() as watch:
        assert watch.changed.is_set()
        assert watch.take_positions() is None  # all of them
        assert watch.take_positions() == []
        watch.changed.clear()
        for quantity in (3, 4, 5):
            book.position_told(replace(CALL, quantity=Decimal(quantity)))
        book.marked(SHARES.key, MARK)
        assert watch.changed.is_set()
        assert watch.take_positions() == [CALL.key, SHARES.key]
        book.away()
        book.position_told(CALL)
        assert watch.take_positions() is None
    book.position_told(SHARES)
    assert watch.take_positions() == []


def test_watchers_of_accounts_hear_of_those_that_changed(book: AccountBook) -> None:
    book.value_told("DU1", "NetLiquidation", "USD", "1")
    with book.watching() as watch:
        assert watch.take_accounts() == {"DU1"}
        book.value_told("DU2", "NetLiquidation", "USD", "1")
        book.values_complete("DU2")
        assert watch.take_accounts() == {"DU2"}
        book.away()
        assert watch.take_accounts() == {"DU1", "DU2"}
        assert watch.take_accounts() == set()
