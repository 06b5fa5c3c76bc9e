"""Lists of orders and trades, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Generic, TypeVar

from ibkr_server.desk.answers import Snapshot
from ibkr_server.desk.visible import absent, owner_of, sees
from ibkr_server.orders.book import Book
from ibkr_server.orders.order import Execution, Order
from mesh.access.roles import Caller

Item = TypeVar("Item", Order, Execution)


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some of a list; `next_offset` is None on the last page."""

    items: Sequence[Item]
    next_offset: int | None


def order_of(book: Book, caller: Caller, client_order_id: str | None, perm_id: int | None) -> Order:
    """One order by either name.

    Raises:
        MeshError: NOT_FOUND: absent or somebody else's.
    """
    if client_order_id is not None:
        found = book.records.get(client_order_id)
        order = found.order if found else None
    else:
        name = book.names.get(perm_id or 0)
        order = book.foreign.get(perm_id or 0) if name is None else book.records[name].order
    if order is None or not sees(caller, owner_of(order, book)):
        raise absent(client_order_id if client_order_id is not None else str(perm_id))
    return order


def orders(book: Book, caller: Caller, *, open_only: bool, size: int, before: int | None) -> Page[Order]:
    """Orders, the latest first; `before` is the `next_offset` of the page before.

    The offset is the position in the order of creation, so that new orders don't move pages.
    """
    position = len(book.created) if before is None else min(before, len(book.created))
    found: list[Order] = []
    while position > 0 and len(found) < size:
        position -= 1
        order = book.order(book.created[position])
        if sees(caller, owner_of(order, book)) and not (open_only and order.state.is_done):
            found.append(order)
    return Page(found, position or None)


def executions(
    book: Book, caller: Caller, *, client_order_id: str, since: datetime | None, size: int, after: int
) -> Page[Execution]:
    """Trades in the order in which they became known, of one order or all; `after` counts those passed."""
    found: list[Execution] = []
    for position, item in enumerate(islice(book.executions.values(), after, None), after):
        if len(found) == size:
            return Page(found, position)
        wanted = client_order_id in {"", item.client_order_id} and (since is None or item.time >= since)
        if wanted and sees(caller, owner_of(item, book)):
            found.append(item)
    return Page(found, None)


def snapshot(book: Book, caller: Caller, today: datetime, *, reconciled: bool, halted: bool) -> Snapshot:
    """Orders of a caller that are not done, or were done since midnight UTC."""
    begin = today.replace(hour=0, minute=0, second=0, microsecond=0)
    items = (book.records[key] if isinstance(key, str) else book.foreign[key] for key in book.created)
    current = (each for each in items if each.updated >= begin or not each.state.is_done)
    orders = (each if isinstance(each, Order) else each.order for each in current)
    shown = [order for order in orders if sees(caller, owner_of(order, book))]
    return Snapshot(shown, book.sequence, reconciled, halted)
