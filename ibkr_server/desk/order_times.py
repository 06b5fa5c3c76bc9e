"""How long the gateway takes over orders: histograms, and spans in the traces of their placements."""

from datetime import datetime
from typing import Final

from opentelemetry.trace import SpanContext, SpanKind

from ibkr_server.orders.book import Book
from ibkr_server.orders.events import Intent, Recorded
from ibkr_server.orders.order import OrderState
from ibkr_server.orders.record import Record
from mesh.telemetry.batches import batch_span
from mesh.telemetry.histogram import Histogram

ACKNOWLEDGED: Final = "order.acknowledged"
FILLED: Final = "order.filled"
ENDED: Final = "order.ended"
SECONDS: Final = (
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0,
)  # fmt: skip
"""Bounds of the buckets: a limit may wait for hours."""


class OrderTimes:
    """A reader of the ledger. Follows orders from the intent until they are done.

    Times are those of the journal. The trace lies in it with the intent, so it goes on in the process after a
    restart.

    Attributes:
        acknowledgement: from the intent to the gateway's acknowledgement.
        fill: from the intent to the last fill.
    """

    def __init__(self, book: Book) -> None:
        """Go on with what an earlier process has sent."""
        self.acknowledgement, self.fill = Histogram(SECONDS), Histogram(SECONDS)
        self._acknowledged = {each.client_order_id: each.is_acknowledged for each in book.live_records()}

    def recorded(self, entry: Recorded, book: Book) -> None:
        """Time an acknowledgement and an end: from the intent to this entry."""
        found = book.records.get(entry.client_order_id or "")
        if found is None:
            return
        name = found.client_order_id
        seconds = max(0.0, (entry.time - found.created).total_seconds())
        if isinstance(entry.event, Intent):
            self._acknowledged[name] = False
        if self._acknowledged.get(name) is False and found.is_acknowledged:
            self._acknowledged[name] = True
            self.acknowledgement.record(seconds, _mark(ACKNOWLEDGED, found))
        if found.is_done and self._acknowledged.pop(name, None) is not None:
            is_filled = found.state is OrderState.FILLED
            span = _mark(FILLED if is_filled else ENDED, found)
            if is_filled:
                self.fill.record(seconds, span)


def _mark(name: str, found: Record) -> SpanContext | None:
    """A span from the intent until now; none of an order that was not traced when it was sent."""
    if not found.intent.trace:
        return None
    with batch_span(
        name,
        carried=bytes.fromhex(found.intent.trace),
        kind=SpanKind.CONSUMER,
        attributes={"order.state": found.state.value, "order.filled": str(found.filled)},
        started_ns=_nanoseconds(found.created),
    ) as span:
        return span.get_span_context()


def _nanoseconds(time: datetime) -> int:
    return round(time.timestamp() * 1e6) * 1000
