"""Orders that nothing is heard of."""

from collections.abc import Iterable

from tws_sim.faults.of_orders import OfReports
from tws_sim.orders.reports import Report


class OrderSilence(OfReports):
    """Orders are taken, live and are executed, and nothing is reported; requests for orders show them."""

    def instead(self, report: Report) -> Iterable[Report]:
        """Nothing."""
        return []
