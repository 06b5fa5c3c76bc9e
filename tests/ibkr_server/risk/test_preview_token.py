"""A token holds for one order of one caller, for thirty seconds."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibkr_server.orders.spec import (
    Bracket,
    Oca,
    OcaType,
    OrderLeg,
    OrderSpec,
    OrderType,
    TimeInForce,
)
from ibkr_server.risk.preview_token import TOKEN_SECONDS, PreviewTokens
from tests.ibkr_server.risk.contracts import D

SPEC = OrderSpec(
    legs=(OrderLeg(100, 1), OrderLeg(101, -2)),
    quantity=3,
    type=OrderType.LIMIT,
    limit_price=D("-1.20"),
    account="DU1",
)
CHANGES: dict[str, object] = {
    "legs": (OrderLeg(100, 1), OrderLeg(102, -2)),
    "quantity": 4,
    "type": OrderType.MARKET,
    "limit_price": D("-1.21"),
    "time_in_force": TimeInForce.GTC,
    "good_till": datetime(2026, 12, 1, tzinfo=UTC),
    "non_guaranteed": True,
    "oca": Oca("a", OcaType.REDUCE_WITH_BLOCK),
    "bracket": Bracket(D("-0.4")),
    "account": "DU2",
}


class Clock:
    now = 5_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(clock: Clock) -> PreviewTokens:
    return PreviewTokens(clock)


def test_it_holds_for_the_order_it_was_issued_for(tokens: PreviewTokens) -> None:
    assert tokens.fault(tokens.issue(SPEC, "alice"), SPEC, "alice") == ""


def test_the_order_of_legs_and_trailing_zeros_do_not_count(tokens: PreviewTokens) -> None:
    same = replace(SPEC, legs=SPEC.legs[::-1], limit_price=D("-1.2000"))
    assert tokens.fault(tokens.issue(SPEC, "alice"), same, "alice") == ""


def test_every_field_of_an_order_has_a_change_here() -> None:
    assert set(CHANGES) == {field.name for field in fields(OrderSpec)}


@pytest.mark.parametrize("name", CHANGES)
def test_it_holds_for_no_other_order(name: str, tokens: PreviewTokens) -> None:
    other = replace(SPEC, **{name: CHANGES[name]})
    assert "not for this order" in tokens.fault(tokens.issue(SPEC, "alice"), other, "alice")


LEG_CHANGES: list[Callable[[OrderLeg], OrderLeg]] = [
    lambda leg: replace(leg, con_id=leg.con_id + 7),
    lambda leg: replace(leg, ratio=-leg.ratio),
    lambda leg: replace(leg, ratio=leg.ratio * 3),
    lambda leg: replace(leg, price=D("0.01")),
]


@given(st.integers(0, 1), st.sampled_from(LEG_CHANGES))
def test_any_change_of_a_leg_voids_it(number: int, change: Callable[[OrderLeg], OrderLeg]) -> None:
    tokens, legs = PreviewTokens(Clock()), list(SPEC.legs)
    legs[number] = change(legs[number])
    token = tokens.issue(SPEC, "alice")
    assert "not for this order" in tokens.fault(token, replace(SPEC, legs=tuple(legs)), "alice")


@given(st.text(max_size=12), st.text(max_size=12))
def test_it_is_its_callers_alone(one: str, other: str) -> None:
    tokens = PreviewTokens(Clock())
    assert (tokens.fault(tokens.issue(SPEC, one), SPEC, other) == "") is (one == other)


def test_it_ends_after_thirty_seconds_and_not_before(tokens: PreviewTokens, clock: Clock) -> None:
    token = tokens.issue(SPEC, "alice")
    clock.now += TOKEN_SECONDS - 0.01
    assert tokens.fault(token, SPEC, "alice") == ""
    clock.now += 0.01
    assert "older than 30 s" in tokens.fault(token, SPEC, "alice")


def test_another_process_does_not_know_it(tokens: PreviewTokens, clock: Clock) -> None:
    assert "not for this order" in PreviewTokens(clock).fault(tokens.issue(SPEC, "alice"), SPEC, "alice")


def test_none_was_given(tokens: PreviewTokens) -> None:
    assert "was not previewed" in tokens.fault("", SPEC, "alice")


@given(st.text(max_size=90))
def test_what_is_no_token_is_refused(text: str) -> None:
    assert PreviewTokens(Clock()).fault(text, SPEC, "alice")


@given(st.data())
def test_no_character_of_it_can_be_changed(data: st.DataObject) -> None:
    tokens = PreviewTokens(Clock())
    token = tokens.issue(SPEC, "alice")
    at = data.draw(st.integers(0, len(token) - 1))
    others = [char for char in "0123456789abcdefABCDEF.x" if char != token[at]]
    other = others[data.draw(st.integers(0, 22))]  # by place: a token is another one each time
    assert tokens.fault(token[:at] + other + token[at + 1 :], SPEC, "alice")


def test_its_end_can_not_be_put_off(tokens: PreviewTokens, clock: Clock) -> None:
    token = tokens.issue(SPEC, "alice")
    end, _, mac = token.partition(".")
    clock.now += 60
    assert "not for this order" in tokens.fault(f"{int(end, 16) + 10**6:x}.{mac}", SPEC, "alice")
    assert tokens.fault(f"0{token}", SPEC, "alice")
