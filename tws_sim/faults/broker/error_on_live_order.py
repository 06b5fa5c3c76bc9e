"""A false alarm."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, PrivateAttr

from tws_sim.faults.of_orders import OfReports
from tws_sim.gateway import Gateway
from tws_sim.orders import refusal
from tws_sim.orders.order import Order, snapshot
from tws_sim.orders.refusal import RefusedError
from tws_sim.orders.reports import OrderError, OrderStatus, Report
from tws_sim.wire import errors

_TEXTS = {
    105: refusal.CHANGED_TOO_MUCH[1],
    201: refusal.rejected("").text,
    321: errors.validation("Invalid request"),
}


class ErrorOnLiveOrder(OfReports):
    """An error is reported under the number of a live order, now or after its orderStatus; it lives on."""

    code: Annotated[int, Field(ge=1, le=99999, description="105, 201, 321, 10148 or any other.")]
    text: Annotated[str | None, Field(description="The gateway's own for the code if absent.")] = None
    _alarmed: set[int] = PrivateAttr(default_factory=set)

    async def begin(self, gateway: Gateway) -> None:
        """Tell of the orders that live already."""
        for order in gateway.orders.book.live():
            if self.strikes_order(order):
                gateway.orders.reports.send(self._alarm(order))
        await super().begin(gateway)

    def instead(self, report: Report) -> Iterable[Report]:
        """Itself, and the error once."""
        order = report.order
        if order.perm_id in self._alarmed or order.done or not isinstance(report, OrderStatus):
            return [report]
        return [report, self._alarm(order)]

    def _alarm(self, order: Order) -> Report:
        self._alarmed.add(order.perm_id)
        texts = {**_TEXTS, 10148: refusal.done_already(order.order_id, "Filled").text}
        text = self.text or texts.get(self.code, f"Error {self.code}")
        return OrderError(snapshot(order), RefusedError(self.code, text))
