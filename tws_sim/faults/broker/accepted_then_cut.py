"""An order is accepted, and nobody hears of it."""

from collections.abc import Iterable

from pydantic import PrivateAttr

from tws_sim.faults.of_orders import OfReports, OrderCount
from tws_sim.orders.reports import Report


class AcceptedThenCut(OfReports):
    """An order is accepted and lives, and its client's connection ends with RST before any report of it."""

    count: OrderCount = 1
    _done: set[int] = PrivateAttr(default_factory=set)

    def instead(self, report: Report) -> Iterable[Report]:
        """Nothing the first time; later reports find whoever is connected then."""
        order = report.order
        if order.perm_id in self._done:
            return [report]
        self._done.add(order.perm_id)
        for session in list(self._gateway.sessions):
            if session.client_id == order.client_id:
                session.reset()
        return []
