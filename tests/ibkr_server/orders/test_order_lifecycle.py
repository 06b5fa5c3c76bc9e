"""What one order's reports and errors mean together."""

import pytest

from ibkr_server.orders.events import Absent, CancelIntent, Unanswered, Unsent
from ibkr_server.orders.lifecycle import REFUSALS, REMARKS, state_of, told_next
from ibkr_server.orders.order import OrderState as S
from tests.ibkr_server.orders.reports import Desk, order, status, trade

LIVE = [S.PENDING_SUBMIT, S.PRE_SUBMITTED, S.SUBMITTED, S.PENDING_CANCEL, S.INACTIVE]


def state(*steps: object) -> S:
    desk = Desk()
    for step in steps:
        if isinstance(step, Unanswered | Absent | CancelIntent | Unsent):
            desk.record([("c1", step)])
        else:
            desk.hear(step)
    return desk.order.state


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([], S.PENDING_SUBMIT),
        ([Unsent("no socket")], S.REJECTED),
        ([Unanswered()], S.UNKNOWN),
        ([Unanswered(), order("PreSubmitted")], S.PRE_SUBMITTED),
        ([Unanswered(), Absent()], S.ABSENT),
        ([Unanswered(), Absent(), order("Submitted")], S.SUBMITTED),
        ([Unanswered(), (201, "no"), Absent()], S.REJECTED),
        ([Unanswered(), (99999, "who knows"), Absent()], S.REJECTED),
        ([Unanswered(), (10147, "not found"), Absent()], S.ABSENT),
        ([(201, "no")], S.REJECTED),
        ([(201, "no"), order("Submitted")], S.SUBMITTED),
        ([(201, "no"), order("Inactive")], S.REJECTED),
        ([order("Inactive"), (201, "no")], S.REJECTED),
        ([order("PreSubmitted"), (201, "no")], S.PRE_SUBMITTED),
        ([order("PreSubmitted"), (201, "no"), status("Inactive")], S.REJECTED),
        ([order("PreSubmitted"), (201, "no"), status("Cancelled")], S.REJECTED),
        ([order("PreSubmitted"), (201, "no"), CancelIntent("a"), status("Cancelled")], S.CANCELLED),
        ([order("Submitted"), (201, "no"), status("Inactive")], S.INACTIVE),
        ([order("Submitted"), (201, "no"), status("Cancelled")], S.CANCELLED),
        ([order("Inactive")], S.INACTIVE),
        ([order("Inactive"), order("Submitted")], S.SUBMITTED),
        ([CancelIntent("a")], S.PENDING_SUBMIT),
        ([CancelIntent("a"), order("Submitted")], S.PENDING_CANCEL),
        ([CancelIntent("a"), order("Submitted"), status("Submitted")], S.PENDING_CANCEL),
        ([order("Submitted"), CancelIntent("a"), (10148, "can't"), (202, "x")], S.PENDING_CANCEL),
        ([order("Submitted"), CancelIntent("a"), status("Filled", 3)], S.FILLED),
        ([order("Submitted"), status("Cancelled"), status("Filled", 3)], S.FILLED),
        ([order("Submitted"), status("Filled", 3), status("Cancelled")], S.FILLED),
        ([order("Submitted"), status("Cancelled"), status("Submitted")], S.CANCELLED),
        ([order("Submitted"), status("ApiCancelled")], S.CANCELLED),
        ([order("Submitted"), status("ValidationError")], S.SUBMITTED),
        ([trade(1, 0, 3)], S.SUBMITTED),
        ([trade(1, 0, 3), trade(1, 1, 3)], S.FILLED),
        ([Unanswered(), Absent(), trade(1, 0, 3), trade(1, 1, 3)], S.FILLED),
        ([order("Submitted"), Absent()], S.ABSENT),
    ],
)
def test_where_an_order_stands(steps, expected):
    assert state(*steps) is expected


@pytest.mark.parametrize(
    "code", [103, 104, 105, 110, 161, 201, 202, 321, 329, 399, 10147, 10148, 10349, 99999]
)
@pytest.mark.parametrize("told", ["PendingSubmit", "PreSubmitted", "Submitted", "PendingCancel"])
def test_no_error_ends_an_order_that_is_alive(code: int, told: str):
    assert state(order(told), (code, "an error")) is state_of(told)
    if code not in REFUSALS:
        assert state((code, "an error")) is S.PENDING_SUBMIT


def test_only_a_word_of_the_gateway_cancels():
    assert {
        text
        for text in ("Cancelled", "ApiCancelled", "Inactive", "cancelled", "")
        if state_of(text) is S.CANCELLED
    } == {
        "Cancelled",
        "ApiCancelled",
    }
    assert not REFUSALS & REMARKS


@pytest.mark.parametrize("before", LIVE)
@pytest.mark.parametrize("now", list(S))
def test_living_states_come_and_go(before: S, now: S):
    assert told_next(before, now) is now


@pytest.mark.parametrize("now", [*LIVE, S.CANCELLED, None])
def test_ends_stand(now: S | None):
    assert told_next(S.FILLED, now, overrules=True) is S.FILLED
    for end in (S.CANCELLED, S.REJECTED):
        assert told_next(end, now) is end
        assert told_next(end, S.FILLED) is S.FILLED
        if now is not None:
            assert told_next(end, now, overrules=True) is now
