from dataclasses import replace
from datetime import timedelta

import pytest

from ibkr_server.orders.spec import Bracket, OrderLeg, OrderSpec, OrderType
from ibkr_server.risk.contract_checks import expired, faults
from tests.ibkr_server.risk.contracts import (
    CONTRACTS,
    FAR,
    NEAR,
    NICKEL,
    PENNY_PILOT,
    VERTICAL,
    D,
    option,
    order,
    share,
)

BUY = order("1.20", (100, 1))
SELL = order("-1.20", (100, -1))
COMBO = order("1.20", *VERTICAL)
LISTED = CONTRACTS | {
    2: share(2, "AAPL"),
    3: share(3, "VOD", "GBP"),
    4: replace(share(4, "SPX"), security_type="IND"),
    300: option(300, 600, "C", underlying=2),
    301: option(301, 605, "C", multiplier=10),
    302: option(302, 605, "C", FAR),
    303: option(303, 605, "C", increments=PENNY_PILOT),
    304: option(304, 600, "C", increments=NICKEL, underlying=4, underlying_type="IND"),
    305: option(305, 605, "C", increments=NICKEL, underlying=4, underlying_type="IND"),
    306: option(306, 605, "C", currency="EUR"),
}


def two_prices(limit: str | None, first: str, second: str | None) -> OrderSpec:
    legs = (OrderLeg(100, 1, D(first)), OrderLeg(101, -1, D(second) if second else None))
    return replace(order(limit), legs=legs, non_guaranteed=True)


GOOD = {
    "a call": BUY,
    "a call sold": SELL,
    "a spread for a debit": COMBO,
    "a spread for a credit": order("-1.20", *VERTICAL),
    "a spread for nothing": order("0", *VERTICAL),
    "four legs": order("-0.01", (100, 1), (101, -2), (102, 1), (200, 1)),
    "a covered call": order("588.80", (1, 100), (100, -1)),
    "shares": order("590.01", (1, 1)),
    "a calendar": order("2.00", (101, -1), (302, 1)),
    "at the market": order(None, *VERTICAL, kind=OrderType.MARKET),
    "an index spread": order("5.05", (304, 1), (305, -1)),
    "a price on a wide step": order("3.05", (303, 1)),
    "prices of legs": two_prices(None, "3.20", "2.00"),
    "prices of legs and their sum": two_prices("1.20", "3.20", "2.00"),
    "exits of a debit": replace(COMBO, bracket=Bracket(D("2.00"), D("0.50"))),
    "exits of a credit": replace(order("-1.20", *VERTICAL), bracket=Bracket(D("-0.40"), D("-2.40"))),
    "exits of a call": replace(BUY, bracket=Bracket(D("2.00"), D("0.50"))),
    "exits of a call sold": replace(SELL, bracket=Bracket(D("-0.40"), D("-2.40"))),
}
BAD = {
    "no leg": (order("1"), "legs"),
    "five legs": (order("1", *((100 + n, 1) for n in range(5))), "legs"),
    "one contract twice": (order("1", (100, 1), (101, -1), (100, 1)), "legs[2].con_id"),
    "a ratio of nothing": (order("1", (100, 1), (101, 0)), "legs[1].ratio"),
    "ratios with a common divisor": (order("1", (100, 2), (101, -4)), "legs[0].ratio"),
    "a single contract in twos": (order("1", (100, 2)), "legs[0].ratio"),
    "an unknown contract": (order("1", (100, 1), (999, -1)), "legs[1].con_id"),
    "an index": (order("1", (4, 1)), "legs[0].con_id"),
    "another currency": (order("1", (306, 1)), "legs[0].con_id"),
    "another underlying": (order("1", (100, 1), (300, -1)), "legs[1].con_id"),
    "another multiplier": (order("1", (100, 1), (301, -1)), "legs[1].con_id"),
    "no limit": (order(None, *VERTICAL), "limit_price"),
    "a limit at the market": (order("1", *VERTICAL, kind=OrderType.MARKET), "limit_price"),
    "a stop of its own": (order("1", *VERTICAL, kind=OrderType.STOP), "type"),
    "off the tick": (order("1.205", *VERTICAL), "limit_price"),
    "off the wide step": (order("3.01", (303, 1)), "limit_price"),
    "off the step of index spreads": (order("5.01", (304, 1), (305, -1)), "limit_price"),
    "no number": (order("NaN", *VERTICAL), "limit_price"),
    "an infinite price": (order("-Infinity", *VERTICAL), "limit_price"),
    "a price beyond all": (order("1e23", *VERTICAL), "limit_price"),
    "a leg's price that is no number": (two_prices("1.20", "NaN", "2.00"), "legs[0].price"),
    "an exit that is no number": (replace(COMBO, bracket=Bracket(D("NaN"))), "bracket.profit_taker"),
    "a call bought for a credit": (order("-1.20", (100, 1)), "limit_price"),
    "a call sold for a debit": (order("1.20", (100, -1)), "limit_price"),
    "a call for nothing": (order("0", (100, 1)), "limit_price"),
    "prices of legs of a guaranteed combo": (
        replace(two_prices(None, "3.20", "2.00"), non_guaranteed=False), "legs[0].price",
    ),
    "the price of one leg only": (two_prices("1.20", "3.20", None), "legs[1].price"),
    "a leg's price below 0": (two_prices(None, "3.20", "-2.00"), "legs[1].price"),
    "a leg's price off the tick": (two_prices(None, "3.205", "2.005"), "legs[0].price"),
    "another sum": (two_prices("1.21", "3.20", "2.00"), "limit_price"),
    "no exit": (replace(COMBO, bracket=Bracket()), "bracket"),
    "a profit that is none": (replace(COMBO, bracket=Bracket(D("1.20"))), "bracket.profit_taker"),
    "a loss that is none": (replace(COMBO, bracket=Bracket(None, D("1.20"))), "bracket.stop_loss"),
    "exits of a credit the wrong way round": (
        replace(order("-1.20", *VERTICAL), bracket=Bracket(D("-2.40"))), "bracket.profit_taker",
    ),
    "an exit off the tick": (replace(COMBO, bracket=Bracket(D("2.005"))), "bracket.profit_taker"),
    "a stop off the tick": (replace(COMBO, bracket=Bracket(None, D("0.505"))), "bracket.stop_loss"),
    "a call that is to be worth less than nothing": (
        replace(BUY, bracket=Bracket(None, D("-0.50"))), "bracket.stop_loss",
    ),
    "exits at the market that cross": (
        replace(order(None, *VERTICAL, kind=OrderType.MARKET), bracket=Bracket(D(1), D(2))),
        "bracket.stop_loss",
    ),
}  # fmt: skip


def contracts_of(spec: OrderSpec) -> dict:
    return {leg.con_id: LISTED[leg.con_id] for leg in spec.legs if leg.con_id in LISTED}


@pytest.mark.parametrize("name", GOOD)
def test_good_orders_have_no_faults(name: str) -> None:
    assert faults(GOOD[name], contracts_of(GOOD[name])) == []


@pytest.mark.parametrize("name", BAD)
def test_a_fault_names_its_field(name: str) -> None:
    spec, field = BAD[name]
    found = faults(spec, contracts_of(spec))
    assert field in [where for where, _ in found], found
    assert all(text for _, text in found)


def test_faults_of_the_same_kind_are_told_together() -> None:
    spec = replace(order("1.205", *VERTICAL), bracket=Bracket(D("1.005"), D("3.001")))
    fields = {field for field, _ in faults(spec, contracts_of(spec))}
    assert fields == {"limit_price", "bracket.profit_taker", "bracket.stop_loss"}


def test_the_nearest_prices_are_told() -> None:
    spec = order("3.01", (303, 1))
    ((_, text),) = faults(spec, contracts_of(spec))
    assert "3.00 or 3.05" in text


def test_a_contract_has_expired_from_its_end_on() -> None:
    spec = order("2.00", (101, -1), (302, 1))
    assert expired(spec, contracts_of(spec), NEAR - timedelta(seconds=1)) == []
    ((field, text),) = expired(spec, contracts_of(spec), NEAR)
    assert field == "legs[0].con_id"
    assert "2026-12-18T21:00" in text
    assert len(expired(spec, contracts_of(spec), FAR)) == 2


def test_shares_never_expire() -> None:
    spec = order("588.80", (1, 100), (100, -1))
    assert [field for field, _ in expired(spec, contracts_of(spec), FAR)] == ["legs[1].con_id"]
