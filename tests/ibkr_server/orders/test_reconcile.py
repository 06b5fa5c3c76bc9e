"""What the gateway's lists say of orders, and what their silence says."""

from dataclasses import replace
from decimal import Decimal

from ibkr_server.orders import hearing
from ibkr_server.orders.events import CancelIntent, ReplaceIntent, Unanswered
from ibkr_server.orders.hearing import Source
from ibkr_server.orders.order import OrderState
from ibkr_server.orders.reconcile import Lists, concluded
from tests.ibkr_server.orders.reports import CLIENT, Desk, order, spec, status, trade


def read(desk: Desk, open_orders=(), completed=(), executions=(), since: int | None = None) -> OrderState:
    """Hear the lists as recovery does, and conclude."""
    begun = desk.book.sequence if since is None else since
    for report in open_orders:
        desk.record(hearing.of_order(desk.book, report, CLIENT, Source(begun)))
    for report in completed:
        desk.record(hearing.of_order(desk.book, report, CLIENT, Source(begun, is_completed=True)))
    for report in executions:
        desk.hear(report)
    desk.record(concluded(desk.book, Lists(begun, list(open_orders), list(completed), list(executions))))
    return desk.order.state


def sent(*steps: object) -> Desk:
    desk = Desk()
    for step in steps:
        if isinstance(step, CancelIntent | ReplaceIntent | Unanswered):
            desk.record([("c1", step)])
        else:
            desk.hear(step)
    return desk


def done(text: str, **rest: object):
    return replace(order(text, **rest), order_id=0, client_id=0)


def test_an_order_in_no_list_is_absent():
    assert read(sent(Unanswered())) is OrderState.ABSENT
    assert read(sent(order("Submitted"))) is OrderState.ABSENT


def test_one_that_still_has_time_to_answer_is_not():
    assert read(sent()) is OrderState.PENDING_SUBMIT


def test_one_that_was_sent_or_heard_of_since_is_not():
    assert read(sent(Unanswered()), since=0) is OrderState.UNKNOWN
    assert read(sent(Unanswered(), order("Submitted")), since=2) is OrderState.SUBMITTED


def test_it_is_found_in_any_list():
    assert read(sent(Unanswered()), [order("Submitted")]) is OrderState.SUBMITTED
    assert read(sent(Unanswered()), (), [done("Cancelled")]) is OrderState.CANCELLED
    assert read(sent(Unanswered()), (), (), [trade(1, 0, 1)]) is OrderState.SUBMITTED


def test_inactive_among_the_completed_is_rejected():
    assert read(sent(order("Submitted")), (), [done("Inactive")]) is OrderState.REJECTED
    assert read(sent(order("Submitted")), [order("Inactive")]) is OrderState.INACTIVE


def test_a_list_that_was_asked_for_later_overrules_an_end():
    desk = sent(order("Submitted"), status("Cancelled"))
    assert read(desk, [order("Submitted")], since=2) is OrderState.CANCELLED
    assert read(desk, [order("Submitted")]) is OrderState.SUBMITTED


def test_a_change_is_what_the_open_orders_say():
    for shown, expected, reason in ((spec(4), spec(4), ""), (spec(3), spec(3), "change 1 was not made")):
        desk = sent(order("Submitted"), ReplaceIntent(1, spec(4), "alice"))
        read(desk, [order("Submitted", spec=shown)])
        assert (desk.order.spec, desk.order.reason, desk.order.revision) == (expected, reason, 1)
        assert desk.book.records["c1"].open_change is None


def test_a_change_that_was_sent_since_stays_open():
    desk = sent(order("Submitted"), ReplaceIntent(1, spec(4), "alice"))
    read(desk, [order("Submitted")], since=2)
    assert desk.book.records["c1"].open_change is not None


def test_completed_orders_tell_the_fill_of_days_past():
    desk = sent(order("Submitted"))
    assert read(desk, (), [done("Filled", filled=Decimal(3))]) is OrderState.FILLED
    assert (desk.order.filled, desk.order.average_price) == (3, None)


def test_an_end_that_only_a_status_told_counts_where_no_list_has_the_order():
    for text, expected in (("ApiCancelled", OrderState.CANCELLED), ("Submitted", OrderState.ABSENT)):
        for client_id in (CLIENT, 9):
            desk, told = sent(Unanswered()), replace(status(text), client_id=client_id)
            lists = Lists(desk.book.sequence, [], [], [])
            desk.record(concluded(desk.book, lists, [told]))
            assert desk.order.state is (expected if client_id == CLIENT else OrderState.ABSENT)


def test_a_name_of_another_client_is_not_ours():
    theirs = order("Submitted", perm_id=2002, client_id=9)
    desk = sent(Unanswered())
    assert read(desk, [theirs]) is OrderState.ABSENT
    assert set(desk.book.foreign) == {2002}
    assert read(desk, (), [done("Cancelled", perm_id=2002)]) is OrderState.ABSENT
