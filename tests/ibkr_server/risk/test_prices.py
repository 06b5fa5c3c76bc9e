from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ibkr_server.orders.spec import OrderLeg
from ibkr_server.risk.prices import BidAsk, net_limit, price_view, weights
from ibkr_server.risk.ticks import ticks_of
from tests.ibkr_server.risk.contracts import CONTRACTS, NICKEL, PENNY_PILOT, VERTICAL, D, option, order


def quoted(*quotes: tuple[int, str, str]) -> dict[int, BidAsk]:
    return {con_id: BidAsk(D(bid), D(ask), 0.1 * con_id) for con_id, bid, ask in quotes}


def test_a_spread_is_bought_at_the_ask_and_sold_at_the_bid() -> None:
    quotes = quoted((100, "3.10", "3.20"), (101, "1.90", "2.05"))
    view = price_view(order("1.20", *VERTICAL), CONTRACTS, quotes)
    assert (view.natural, view.mid, view.tick) == (D("1.30"), D("1.175"), D("0.01"))
    assert view.suggested_limit == D("1.18")
    assert view.quote_age_seconds == 101 * 0.1


def test_a_credit_is_suggested_towards_less() -> None:
    quotes = quoted((100, "1.90", "2.05"), (101, "3.10", "3.20"))
    view = price_view(order("-1.20", *VERTICAL), CONTRACTS, quotes)
    assert (view.natural, view.mid, view.suggested_limit) == (D("-1.05"), D("-1.175"), D("-1.17"))


def test_ratios_count() -> None:
    quotes = quoted((100, "3.00", "3.10"), (101, "1.00", "1.10"))
    view = price_view(order("1", (100, 1), (101, -2)), CONTRACTS, quotes)
    assert (view.natural, view.mid) == (D("1.10"), D("0.95"))


def test_a_hundred_shares_count_as_one_option() -> None:
    legs = (OrderLeg(1, 100), OrderLeg(100, -1))
    assert weights(legs, CONTRACTS) == [1, -1]
    quotes = quoted((1, "590.00", "590.02"), (100, "3.00", "3.10"))
    assert price_view(order("587", (1, 100), (100, -1)), CONTRACTS, quotes).natural == D("587.02")


def test_a_single_option_is_suggested_on_its_own_step() -> None:
    contracts = {303: option(303, 600, "C", increments=PENNY_PILOT)}
    view = price_view(order("3", (303, 1)), contracts, quoted((303, "3.00", "3.15")))
    assert (view.mid, view.suggested_limit, view.tick) == (D("3.075"), D("3.10"), D("0.05"))


def test_what_is_sold_alone_is_never_suggested_for_nothing() -> None:
    contracts = {303: option(303, 600, "C", increments=NICKEL)}
    view = price_view(order("-0.05", (303, -1)), contracts, quoted((303, "0", "0.05")))
    assert view.suggested_limit == D("-0.05")


cents = st.integers(0, 500)


@given(st.lists(st.tuples(cents, cents, st.sampled_from([-3, -2, -1, 1, 2, 3])), min_size=2, max_size=4))
def test_mid_lies_halfway_to_natural_and_the_suggestion_between(rows: list) -> None:
    legs = [(100 + n, ratio) for n, (_, _, ratio) in enumerate(rows)]
    quotes = {
        100 + n: BidAsk(D(bid) / 100, D(bid + wide) / 100, 0.0) for n, (bid, wide, _) in enumerate(rows)
    }
    spec = order("1", *legs)
    view = price_view(spec, CONTRACTS, quotes)
    sides = [(ratio * quotes[con_id].ask, ratio * quotes[con_id].bid) for con_id, ratio in legs]
    assert view.natural == sum((max(pair) for pair in sides), Decimal(0))
    assert 2 * view.mid - view.natural == sum((min(pair) for pair in sides), Decimal(0))
    assert view.mid <= view.suggested_limit <= view.natural
    assert ticks_of([CONTRACTS[con_id] for con_id, _ in legs]).has(view.suggested_limit)


def test_the_limit_is_what_the_legs_come_to_where_only_they_have_prices() -> None:
    legs = (OrderLeg(100, 1, D("3.20")), OrderLeg(101, -2, D("1.10")))
    spec = order(None, (100, 1), (101, -2))
    assert net_limit(spec, CONTRACTS) is None
    assert net_limit(replace(spec, legs=legs), CONTRACTS) == D("1.00")
    assert net_limit(replace(spec, legs=legs, limit_price=D("1.50")), CONTRACTS) == D("1.50")
