"""How many orders were placed and how they ended, since this process started; what is open now."""

from collections import Counter

from ibkr_server.orders.book import Book
from ibkr_server.orders.events import Intent, Recorded
from ibkr_server.orders.order import OrderState


class Tally:
    """A reader of the ledger. Its figures may be read from any thread.

    Attributes:
        placed: intents journalled, exits of brackets included.
        ended: orders by the state that ended them. One that was ABSENT and appears after all counts again.
        open: orders that are not done.
        unknown: names of those that are UNKNOWN.
    """

    def __init__(self, book: Book) -> None:
        """Count from here: what an earlier process has placed counts once it ends."""
        self.placed = 0
        self.ended: Counter[OrderState] = Counter({state: 0 for state in OrderState if state.is_done})
        self.open = len(book.live)
        self._states = {name: found.state for name, found in book.records.items()}
        self.unknown = {name for name, state in self._states.items() if state is OrderState.UNKNOWN}

    def recorded(self, entry: Recorded, book: Book) -> None:
        """Count an intent, and the first entry of an end."""
        self.open = len(book.live)
        name = entry.client_order_id or ""
        found = book.records.get(name)
        if found is None:
            return
        state = found.state
        self.placed += isinstance(entry.event, Intent)
        if state.is_done and state is not self._states.get(name):
            self.ended[state] += 1
        self._states[name] = state
        if state is OrderState.UNKNOWN:
            self.unknown.add(name)
        else:
            self.unknown.discard(name)
