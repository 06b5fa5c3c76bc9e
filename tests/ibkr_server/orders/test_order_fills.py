"""What trades add up to, against sums of fractions."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibkr_server.orders.fills import filled, split_id
from ibkr_server.orders.order import Execution
from ibkr_server.orders.spec import OrderLeg
from tests.ibkr_server.orders.reports import NOON


def execution(con_id: int, quantity: int, price: Decimal, combo: bool = False) -> Execution:
    return Execution(
        "a.b.01.01", "c1", 1, "DU1", con_id, combo, Decimal(quantity), price, NOON, "CBOE", Decimal("0.7")
    )


PRICES = st.decimals("0.01", "99", places=2)
RATIOS = st.integers(1, 4).flatmap(lambda ratio: st.sampled_from([ratio, -ratio]))


@st.composite
def combos(draw: st.DrawFn) -> tuple[tuple[OrderLeg, ...], int, list[list[Execution]]]:
    """Legs, a quantity, and per leg trades that fill all of it, in pieces."""
    legs = tuple(OrderLeg(100 + i, draw(RATIOS)) for i in range(draw(st.integers(1, 4))))
    quantity = draw(st.integers(1, 5))
    pieces = []
    for leg in legs:
        left, sign, trades = quantity * abs(leg.ratio), 1 if leg.ratio > 0 else -1, []
        while left:
            size = draw(st.integers(1, left))
            trades.append(execution(leg.con_id, sign * size, draw(PRICES)))
            left -= size
        pieces.append(trades)
    return legs, quantity, pieces


def value(trades: Sequence[Execution]) -> Fraction:
    return sum((Fraction(each.quantity) * Fraction(each.price) for each in trades), Fraction(0))


@settings(deadline=None)
@given(combos(), st.randoms())
def test_a_full_combo_costs_what_its_trades_cost(combo, shuffle):
    legs, quantity, pieces = combo
    trades = [each for piece in pieces for each in piece]
    shuffle.shuffle(trades)
    found = filled(legs, quantity, trades)
    assert (found.units, found.exceeds) == (quantity, False)
    assert abs(Fraction(found.average_price) - value(trades) / quantity) <= Fraction(1, 2 * 10**8)
    assert found.commission == Decimal("0.7") * len(trades)


@settings(deadline=None)
@given(combos(), st.data())
def test_a_combo_is_filled_as_far_as_every_leg_of_it(combo, data):
    legs, quantity, pieces = combo
    kept = [piece[: data.draw(st.integers(0, len(piece)))] for piece in pieces]
    found = filled(legs, quantity, [each for piece in kept for each in piece])
    shares = [
        sum(abs(each.quantity) for each in piece) // abs(leg.ratio)
        for leg, piece in zip(legs, kept, strict=True)
    ]
    assert found.units == min(shares)
    assert (found.average_price is None) == (found.units == 0)
    assert not found.exceeds


@settings(deadline=None)
@given(combos(), st.data())
def test_one_trade_too_many_exceeds(combo, data):
    legs, quantity, pieces = combo
    leg = data.draw(st.sampled_from(legs))
    more = execution(leg.con_id, 1 if leg.ratio > 0 else -1, Decimal(1))
    assert filled(legs, quantity, [each for piece in pieces for each in piece] + [more]).exceeds


def test_a_trade_on_the_wrong_side_exceeds():
    assert filled((OrderLeg(101, 1),), 5, [execution(101, -1, Decimal(1))]).exceeds


def test_executions_of_the_whole_combo_are_a_check_and_not_a_fill():
    legs = (OrderLeg(101, 1), OrderLeg(102, -1))
    found = filled(legs, 2, [execution(28812380, 2, Decimal("1.1"), combo=True)])
    assert (found.units, found.combo_units, found.average_price) == (0, 2, None)


@pytest.mark.parametrize(
    ("name", "base", "number"),
    [
        ("0000e0d5.658fd4b5.01.02", "0000e0d5.658fd4b5.01", 2),
        ("0000e0d5.658fd4b5.01.10", "0000e0d5.658fd4b5.01", 10),
        ("plain", "plain", 0),
        ("a.b", "a.b", 0),
    ],
)
def test_the_last_part_of_a_number_counts_corrections(name: str, base: str, number: int):
    assert split_id(name) == (base, number)
