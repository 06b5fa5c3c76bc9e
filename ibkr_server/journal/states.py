"""States of an order, for its story."""

from ibkr_server.desk.ledger import recorded
from ibkr_server.journal.entry import Entry
from ibkr_server.journal.errors import JournalError
from ibkr_server.orders.book import Book


class OrderStates:
    """What the entries add up to for one order, by the fold that the server itself goes by."""

    def __init__(self, client_order_id: str) -> None:
        """Before the first entry."""
        self._name = client_order_id
        self._book = Book()
        self._is_followed = True

    def after(self, entry: Entry) -> str | None:
        """The state after one more entry; None before the first, and from the first that isn't understood on.

        A journal of a later version may have kinds of entries that this one doesn't know.
        """
        try:
            self._book.apply(recorded(entry))
        except (JournalError, KeyError, ValueError):
            self._is_followed = False
        found = self._book.records.get(self._name)
        return found.state.value if found is not None and self._is_followed else None
