"""Listens to the gateway: every report is judged, recorded and told at once, on the event loop."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final

from ibkr_server.desk.ledger import Ledger
from ibkr_server.failpoints import Failpoint, crash_at
from ibkr_server.orders import hearing, lifecycle
from ibkr_server.orders.broker import Broker, CommissionReport, ExecutionReport, OrderReport, StatusReport
from ibkr_server.orders.events import Draft
from ibkr_server.orders.hearing import LIVE, Source
from mesh.errors import MeshError

MOST_EARLY: Final = 1000
"""Statuses kept that came early."""


class Hearing:
    """What the gateway says of orders becomes entries.

    `early` has the latest status of each order whose permanent number nobody has named yet.

    While the journal can't be written to, what is said is lost here; `read_again` makes it be asked for until
    it is recorded.
    """

    def __init__(
        self,
        ledger: Ledger,
        broker: Broker,
        read_again: Callable[[], None],
        connection_changed: Callable[[], None],
    ) -> None:
        self._ledger = ledger
        self._broker = broker
        self._read_again = read_again
        self._connection_changed = connection_changed
        self.early: OrderedDict[int, StatusReport] = OrderedDict()

    def order_reported(self, report: OrderReport) -> None:
        """An openOrder has come."""
        crash_at(Failpoint.AFTER_OPEN_ORDER)
        self.take_order(report, LIVE)

    def take_order(self, report: OrderReport, source: Source) -> None:
        """Record what an order was told to be, and what its status said before it was known."""
        crash_at(Failpoint.BEFORE_ACK_JOURNALLED)
        self._record(hearing.of_order(self._ledger.book, report, self._broker.client_id, source))
        self._recall(report.perm_id)

    def status_reported(self, report: StatusReport) -> None:
        """An orderStatus has come, perhaps before the openOrder that tells whose it is."""
        drafts = hearing.of_status(self._ledger.book, report)
        if drafts is not None:
            self._record(drafts)
            return
        self.early[report.perm_id] = report
        self.early.move_to_end(report.perm_id)
        if len(self.early) > MOST_EARLY:
            self.early.popitem(last=False)

    def executed(self, report: ExecutionReport) -> None:
        """An execDetails has come, live or on request."""
        drafts = hearing.of_execution(self._ledger.book, report, self._broker.client_id)
        if drafts:
            crash_at(Failpoint.BEFORE_FILL_JOURNALLED)
        self._record(drafts)
        self._recall(report.perm_id)

    def commission_reported(self, report: CommissionReport) -> None:
        """A commissionReport has come."""
        self._record(hearing.of_commission(self._ledger.book, report))

    def order_error(self, order_id: int, code: int, text: str) -> None:
        """An error or a warning about an order has come."""
        found = self._ledger.book.numbered(order_id)
        drafts = hearing.of_error(self._ledger.book, order_id, code, text)
        self._record(drafts)
        if drafts and found and lifecycle.calls_for_reading(code, cancel_wanted=found.cancel_wanted):
            self._read_again()

    def connection_changed(self) -> None:
        """Socket, link or accounts have changed."""
        self._connection_changed()

    def _recall(self, perm_id: int) -> None:
        report = self.early.pop(perm_id, None)
        if report is not None:
            self._record(hearing.of_status(self._ledger.book, report) or [])

    def _record(self, drafts: Sequence[Draft]) -> None:
        try:
            self._ledger.record(*drafts)
        except MeshError:
            self._read_again()
