"""Combinations without a status."""

from collections.abc import Iterable

from tws_sim.faults.of_orders import OfReports
from tws_sim.orders.reports import OrderStatus, Report


class NoComboStatus(OfReports):
    """No orderStatus is sent for combinations; openOrder, execDetails and commissionReport are."""

    def instead(self, report: Report) -> Iterable[Report]:
        """Itself, but for the status of a combination."""
        return [] if isinstance(report, OrderStatus) and report.order.ticket.is_combo else [report]
