"""What the gateway tells of an order, as spans in the trace of its placement, whenever it comes."""

from datetime import datetime
from typing import Final

from opentelemetry.trace import SpanKind

from ibkr_server.orders.book import Book
from ibkr_server.orders.events import Intent, Recorded
from ibkr_server.orders.order import OrderState
from ibkr_server.orders.record import Record
from mesh.telemetry.batches import batch_span

ACKNOWLEDGED: Final = "order.acknowledged"
FILLED: Final = "order.filled"
ENDED: Final = "order.ended"


class OrderTraces:
    """A reader of the ledger. Follows the orders that were traced when they were sent, until they are done.

    The context lies in the journal with the intent, so a trace goes on in the process after a restart.
    """

    def __init__(self, book: Book) -> None:
        """Go on with what an earlier process has sent."""
        traced = [each for each in book.live_records() if each.intent.trace]
        self._acknowledged = {each.client_order_id: each.is_acknowledged for each in traced}

    def recorded(self, entry: Recorded, book: Book) -> None:
        """Make a span of an acknowledgement and of the end: from the intent to this entry."""
        found = book.records.get(entry.client_order_id or "")
        if found is None or not found.intent.trace:
            return
        name = found.client_order_id
        if isinstance(entry.event, Intent):
            self._acknowledged[name] = False
        if self._acknowledged.get(name) is False and found.is_acknowledged:
            self._acknowledged[name] = True
            _mark(ACKNOWLEDGED, found)
        if found.is_done and self._acknowledged.pop(name, None) is not None:
            _mark(FILLED if found.state is OrderState.FILLED else ENDED, found)


def _mark(name: str, found: Record) -> None:
    with batch_span(
        name,
        carried=bytes.fromhex(found.intent.trace),
        kind=SpanKind.CONSUMER,
        attributes={"order.state": found.state.value, "order.filled": str(found.filled)},
        started_ns=_nanoseconds(found.created),
    ):
        pass


def _nanoseconds(time: datetime) -> int:
    return round(time.timestamp() * 1e6) * 1000
