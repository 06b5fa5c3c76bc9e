"""What counts as the same order, what undoes one, and what is sent of it."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ibkr_server.orders import tickets
from ibkr_server.orders.events import Intent
from ibkr_server.orders.spec import (
    Bracket,
    Oca,
    OcaType,
    OrderLeg,
    OrderSpec,
    OrderType,
    TimeInForce,
    from_json,
    request_hash,
    to_json,
)

SPREAD = OrderSpec(
    (OrderLeg(101, 1), OrderLeg(102, -2)),
    2,
    OrderType.LIMIT,
    Decimal("-1.20"),
    bracket=Bracket(Decimal("-0.40"), Decimal("-2")),
    oca=Oca("group", OcaType.REDUCE_WITH_BLOCK),
)


def test_the_order_of_legs_and_trailing_zeros_do_not_count():
    same = replace(SPREAD, legs=SPREAD.legs[::-1], limit_price=Decimal("-1.2"))
    assert request_hash(same) == request_hash(SPREAD)


@pytest.mark.parametrize(
    "change",
    [
        {"legs": (OrderLeg(101, 1), OrderLeg(102, 2))},
        {"legs": (OrderLeg(101, 1), OrderLeg(103, -2))},
        {"quantity": 3},
        {"type": OrderType.MARKET},
        {"limit_price": Decimal("-1.21")},
        {"limit_price": None},
        {"time_in_force": TimeInForce.GTC},
        {"good_till": datetime(2026, 11, 20, tzinfo=UTC)},
        {"non_guaranteed": True},
        {"oca": None},
        {"bracket": None},
        {"bracket": Bracket(Decimal("-0.40"))},
        {"account": "DU2"},
    ],
)
def test_everything_else_does(change):
    other = replace(SPREAD, **change)
    assert request_hash(other) != request_hash(SPREAD)
    assert from_json(to_json(other)) == other


def test_what_undoes_an_order_undone_is_the_order():
    assert SPREAD.reversed().reversed() == replace(SPREAD, bracket=None)
    assert SPREAD.reversed().limit_price == Decimal("1.20")


@pytest.mark.parametrize(
    ("entry", "exits"),
    [
        (TimeInForce.DAY, TimeInForce.DAY),
        (TimeInForce.GTC, TimeInForce.GTC),
        (TimeInForce.IOC, TimeInForce.DAY),
    ],
)
def test_exits_stay_as_long_as_the_entry_may(entry: TimeInForce, exits: TimeInForce):
    found = replace(SPREAD, time_in_force=entry).exits()
    assert {each.time_in_force for each in found.values()} == {exits}
    assert {name: (each.type, each.limit_price) for name, each in found.items()} == {
        "profit": (OrderType.LIMIT, Decimal("0.40")),
        "stop": (OrderType.STOP, Decimal("2")),
    }
    assert {each.oca for each in found.values()} == {None}


@pytest.mark.parametrize("bracket", [None, Bracket(Decimal(-1)), Bracket(None, Decimal(-2)), SPREAD.bracket])
def test_only_the_last_of_a_bracket_sets_it_to_work(bracket: Bracket | None):
    spec = replace(SPREAD, bracket=bracket)
    count = 1 + len(spec.exits())
    orders = tickets.intents("c1", Intent(0, 1, spec, request_hash(spec), "alice"), [7, 9, 12][:count])
    sent = tickets.tickets(orders)
    assert [ticket.order_id for ticket in sent] == [7, 9, 12][:count]
    assert [ticket.transmit for ticket in sent] == [False] * (count - 1) + [True]
    assert [ticket.parent_id for ticket in sent] == [0, 7, 7][:count]
    assert all(ticket.spec.legs == SPREAD.legs for ticket in sent)
