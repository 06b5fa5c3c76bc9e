"""What follows from the gateway's three lists once all of them were read."""

from collections.abc import Iterable
from dataclasses import dataclass

from ibkr_server.orders.book import Book
from ibkr_server.orders.broker import ExecutionReport, OrderReport, StatusReport
from ibkr_server.orders.events import Absent, Draft, Outcome, Reconciled, ReplaceSettled
from ibkr_server.orders.hearing import reported_status
from ibkr_server.orders.lifecycle import state_of
from ibkr_server.orders.record import Record


@dataclass(frozen=True, slots=True)
class Lists:
    """Open orders, completed orders and trades, asked for in this order.

    So an order that ends meanwhile is in at least one of them. `since` is the last sequence before the first
    was asked for: orders that were sent later need not be in any.
    """

    since: int
    open_orders: list[OrderReport]
    completed_orders: list[OrderReport]
    executions: list[ExecutionReport]


def concluded(book: Book, lists: Lists, early: Iterable[StatusReport] = ()) -> list[Draft]:
    """What is to be recorded once every report was heard: which orders are absent, which changes failed.

    An order that was cancelled before it left the gateway is in no list. Its end is told by a status alone,
    one that came `early`, before openOrder had said whose it is; then its number must do.
    """
    ends = {(each.client_id, each.order_id): each for each in early if _is_end(each)}
    seen = _names(book, [*lists.open_orders, *lists.completed_orders, *lists.executions])
    still_open = _names(book, lists.open_orders)
    drafts: list[Draft] = []
    for found in book.live_records():
        name = found.client_order_id
        if found.sent > lists.since:
            continue
        if name in still_open and found.open_change is not None:
            drafts.append((name, _not_changed(found)))
        elif name not in seen and _may_be_absent(found, lists.since):
            end = ends.get((found.intent.client_id, found.intent.order_id))
            drafts.append((name, reported_status(end) if end else Absent()))
    counts = Reconciled(len(lists.open_orders), len(lists.completed_orders), len(lists.executions))
    return [*drafts, (None, counts)]


def _names(book: Book, reports: Iterable[OrderReport | ExecutionReport]) -> set[str]:
    found = (book.named(each.perm_id, each.order_ref, each.client_id) for each in reports)
    return {each.client_order_id for each in found if each is not None}


def _is_end(report: StatusReport) -> bool:
    state = state_of(report.status)
    return state is not None and state.is_done


def _may_be_absent(found: Record, since: int) -> bool:
    """Its time to answer is over, and nothing was heard of it while the lists came."""
    return not found.is_awaited and found.heard <= since


def _not_changed(found: Record) -> ReplaceSettled:
    """A change that the gateway's own list, asked for after it was sent, doesn't show."""
    revision = found.open_change.intent.revision if found.open_change else 0
    why = f": {found.reason}" if found.reason else ""
    return ReplaceSettled(revision, Outcome.REFUSED, f"change {revision} was not made{why}")
