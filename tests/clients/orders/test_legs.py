from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spreadmesh.common.v1.contract_pb2 import OptionContract, Right
from spreadmesh_client.orders.legs import NamedLeg, listed_leg, max_profit, unit_shares

CALL, PUT, SHARE = Right.RIGHT_CALL, Right.RIGHT_PUT, Right.RIGHT_UNSPECIFIED


def option(ratio: int, strike: float, right: Right.ValueType, expiration: str = "2016-01-15") -> NamedLeg:
    return NamedLeg(1, ratio, "", 100.0, expiration, strike, right)


def shares(count: int) -> NamedLeg:
    return NamedLeg(1, count, "GOOG", 1.0)


OPTIONS = st.builds(
    option, st.integers(-3, 3).filter(bool), st.integers(1, 20).map(float), st.sampled_from([CALL, PUT])
)


@pytest.mark.parametrize(
    ("legs", "price", "most"),
    [
        ([option(1, 715, PUT), option(-1, 720, PUT)], -1.20, 120),  # bull put: its credit
        ([option(1, 720, CALL), option(-1, 730, CALL)], 4.00, 600),  # bull call: width less debit
        ([shares(100), option(-1, 760, CALL)], 742.00, 1800),  # covered call: called away
        ([option(1, 720, CALL)], 5.00, inf),
        ([option(-1, 720, PUT)], -5.00, 500),
        ([option(1, 720, PUT)], 5.00, 71500),  # the share is worth nothing
        ([shares(1)], 100.00, inf),
    ],
)
def test_what_the_textbooks_say(legs: list[NamedLeg], price: float, most: float) -> None:
    assert max_profit(legs, price) == pytest.approx(most)


@settings(deadline=None)
@given(st.lists(OPTIONS, min_size=1, max_size=4), st.floats(-5, 5))
def test_no_price_of_the_share_earns_more_and_one_earns_as_much(legs: list[NamedLeg], price: float) -> None:
    most = max_profit(legs, price)
    assert most is not None
    every = [sum(leg.intrinsic(spot / 2) for leg in legs) - price * unit_shares(legs) for spot in range(80)]
    if most == inf:
        assert every[-1] > every[-2] > every[-3]
    else:
        assert max(every) == pytest.approx(most)


def test_what_expires_apart_or_is_not_known_is_not_guessed() -> None:
    assert max_profit([option(-1, 720, CALL), option(1, 720, CALL, "2016-02-19")], 2.0) is None
    assert max_profit([option(1, 720, CALL), NamedLeg(7, -1, "7")], 2.0) is None


def test_a_contract_is_named_as_it_is_typed() -> None:
    contract = OptionContract(con_id=3, symbol="GOOG", expiration="2016-01-15", strike=722.5, right=PUT)
    assert listed_leg(contract, -1).name == "GOOG 2016-01-15 722.5 P"
