from decimal import Decimal
from math import gcd

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spreadmesh.common.v1.contract_pb2 import Right
from spreadmesh.order.v1.order_pb2 import OrderSpec, OrderType, TimeInForce
from spreadmesh.scan.v1.candidate_pb2 import Candidate, Leg
from spreadmesh_client.orders import closing_order, new_client_order_id, reversed_order, spread_order

PUT, CALL = Right.RIGHT_PUT, Right.RIGHT_CALL
BULL_PUT = Candidate(
    legs=[
        Leg(con_id=1, strike=715, right=PUT, quantity=1, multiplier=100),
        Leg(con_id=2, strike=720, right=PUT, quantity=-1, multiplier=100),
    ]
)
RATIOS = st.dictionaries(st.integers(1, 10**9), st.integers(-400, 400).filter(bool), min_size=1, max_size=4)


def legs(spec: OrderSpec) -> list[tuple[int, int]]:
    return [(leg.con_id, leg.ratio) for leg in spec.legs]


def test_a_credit_spread_is_bought_at_a_negative_price() -> None:
    spec = spread_order(BULL_PUT, 3, Decimal("-1.20"))
    assert legs(spec) == [(1, 1), (2, -1)]
    assert (spec.quantity, spec.limit_price.value) == (3, "-1.20")
    assert spec.type == OrderType.ORDER_TYPE_LIMIT
    assert spec.time_in_force == TimeInForce.TIME_IN_FORCE_DAY


def test_a_covered_call_has_its_hundred_shares() -> None:
    call = Leg(con_id=2, strike=800, right=CALL, quantity=-1, multiplier=100)
    candidate = Candidate(legs=[Leg(con_id=1, quantity=100, multiplier=1), call])
    assert legs(spread_order(candidate, 1, Decimal("742.15"))) == [(1, 100), (2, -1)]


def test_ratios_are_reduced_and_the_price_with_them() -> None:
    candidate = Candidate(legs=[Leg(con_id=1, quantity=2), Leg(con_id=2, quantity=-4)])
    spec = spread_order(candidate, 3, Decimal("0.86"))
    assert (legs(spec), spec.quantity, spec.limit_price.value) == ([(1, 1), (2, -2)], 6, "0.43")


@settings(deadline=None)
@given(RATIOS)
def test_a_closing_order_leaves_nothing_of_what_is_held(held: dict[int, int]) -> None:
    spec = closing_order(held, None)
    assert {leg.con_id: held[leg.con_id] + spec.quantity * leg.ratio for leg in spec.legs} == dict.fromkeys(
        held, 0
    )
    assert gcd(*(leg.ratio for leg in spec.legs)) == 1
    assert not spec.HasField("limit_price")


def test_what_is_undone_is_undone_in_the_same_account() -> None:
    spec = spread_order(BULL_PUT, 3, Decimal("-1.20"))
    spec.account = "DU1"
    undone = reversed_order(spec, 2, Decimal("0.40"))
    assert legs(undone) == [(1, -1), (2, 1)]
    assert (undone.quantity, undone.limit_price.value, undone.account) == (2, "0.40", "DU1")


@pytest.mark.parametrize("quantity", [0, -1])
def test_nothing_is_no_quantity(quantity: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        spread_order(BULL_PUT, quantity, Decimal(1))


def test_no_legs_are_no_order() -> None:
    with pytest.raises(ValueError, match="every leg"):
        closing_order({}, None)
    with pytest.raises(ValueError, match="every leg"):
        closing_order({1: 0}, None)


def test_names_sort_by_time_and_never_repeat() -> None:
    moments = iter([1_700_000_000.0, 1_700_000_000.001, 1_900_000_000.0, 1_900_000_000.0])
    names = [new_client_order_id(lambda: next(moments)) for _ in range(4)]
    assert names[:3] == sorted(names[:3])
    assert len({*names}) == 4
    assert all(len(name) <= 40 and name.replace("-", "").isalnum() for name in names)
