"""Executions before the order they are of."""

from collections.abc import Iterable

from pydantic import PrivateAttr

from tws_sim.faults.of_orders import OfReports
from tws_sim.gateway import Gateway
from tws_sim.orders.reports import ExecutionDetails, OpenOrder, OrderStatus, Report


class ExecutionFirst(OfReports):
    """openOrder and orderStatus of a new order are held back until its first execDetails has been sent."""

    _held: dict[int, list[Report]] = PrivateAttr(default_factory=dict)
    _executed: set[int] = PrivateAttr(default_factory=set)

    def instead(self, report: Report) -> Iterable[Report]:
        """An execution and then what was held back; until then nothing."""
        number = report.order.perm_id
        if isinstance(report, ExecutionDetails):
            self._executed.add(number)
            return [report, *self._held.pop(number, [])]
        if number in self._executed or not isinstance(report, OpenOrder | OrderStatus):
            return [report]
        self._held.setdefault(number, []).append(report)
        return []

    async def end(self, gateway: Gateway) -> None:
        """Send what is still held back."""
        await super().end(gateway)
        for reports in self._held.values():
            for report in reports:
                gateway.orders.reports.deliver(report)
