"""What must not happen, and what is recorded when it has: the alarm, a halt, the cancellation of the order.

Each alarm about an order is raised once; after a person has resumed, the same one does not halt again.
"""

from ibkr_server.orders.book import Book
from ibkr_server.orders.broker import ExecutionReport, OrderReport
from ibkr_server.orders.events import Alerted, CancelIntent, Draft, Halted
from ibkr_server.orders.record import Record

BY = "alert"


def duplicate(book: Book, found: Record, perm_id: int) -> list[Draft]:
    """The gateway has a second order of the same name: both are cancelled."""
    text = f"the gateway has two orders {found.client_order_id!r}: {found.perm_id} and {perm_id}"
    return _raised(book, "DUPLICATE_ORDER", f"{found.client_order_id} {perm_id}", text, found)


def exceeded(book: Book, found: Record, what: str) -> list[Draft]:
    """An order is or has filled more than was asked for: what is left of it is cancelled."""
    text = f"the order {found.client_order_id!r} was for {found.most_asked} at most, and {what}"
    return _raised(book, "ORDER_EXCEEDED", found.client_order_id, text, found)


def collided(book: Book, found: Record) -> list[Draft]:
    """The number of an order was taken: somebody else uses this client id, or numbers were lost."""
    text = f"the number {found.intent.order_id} of {found.client_order_id!r} was taken at the gateway"
    return _raised(book, "ORDER_ID_COLLISION", str(found.intent.order_id), text, None)


def unrecorded(book: Book, report: OrderReport | ExecutionReport, own_client_id: int) -> list[Draft]:
    """An order from our client id with a name that the journal does not know."""
    if report.client_id != own_client_id or not report.order_ref or report.perm_id in book.foreign:
        return []
    text = (
        f"the journal does not know the order {report.order_ref!r}, which client {own_client_id} has placed"
    )
    return _raised(book, "UNRECORDED_ORDER", str(report.perm_id), text, None)


def tripped(subject: str, text: str) -> list[Draft]:
    """A limit that stops all placing was reached; raised anew each time, as each time is another one."""
    return [(None, Alerted("LIMIT_TRIPPED", subject, text)), (None, Halted(text, BY))]


def _raised(book: Book, kind: str, subject: str, text: str, cancel: Record | None) -> list[Draft]:
    if (kind, subject) in book.alerts:
        return []
    drafts: list[Draft] = [(None, Alerted(kind, subject, text)), (None, Halted(f"{kind}: {text}", BY))]
    if cancel is not None:
        drafts.append((cancel.client_order_id, CancelIntent(BY, text)))
    return drafts
