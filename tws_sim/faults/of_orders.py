"""Faults of orders: those of one client, or with one reference, as they are or as they are reported."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field, PrivateAttr

from tws_sim.faults.fault import FaultError, ForClient, Lasting
from tws_sim.orders.order import Order
from tws_sim.orders.reports import Report

if TYPE_CHECKING:
    from tws_sim.gateway import Gateway


OrderCount = Annotated[
    Annotated[int, Field(ge=1)] | None,
    Field(description="How many orders, the first to come; all if absent."),
]


class OfOrders(ForClient):
    """A fault of the orders of a client, or of those with a reference."""

    order_ref: Annotated[str | None, Field(description="orderRef of what it strikes; any if absent.")] = None

    def fits(self, order: Order) -> bool:
        """Whether an order is one of those it is for."""
        refs = {None, order.ticket.text("orderRef")}
        return self.client in {None, order.client_id} and self.order_ref in refs

    def live(self, gateway: "Gateway") -> list[Order]:
        """The live orders it is for.

        Raises:
            FaultError: there are none.
        """
        found = [order for order in gateway.orders.book.live() if self.fits(order)]
        if not found:
            raise FaultError("there is no such order that lives")
        return found


class OfNewOrders(Lasting, OfOrders):
    """A fault of the orders it meets while it lasts, or of the first so many of them."""

    what_ifs: ClassVar[bool] = False
    """Whether it is what-if orders that it strikes, instead of those that are placed."""
    count: OrderCount = None
    _struck: set[int] = PrivateAttr(default_factory=set)

    def strikes_order(self, order: Order) -> bool:
        """Whether it strikes an order; counts it by its permId."""
        if order.perm_id in self._struck:
            return True
        is_asked = order.ticket.flag("whatIf")
        if not self.fits(order) or is_asked is not self.what_ifs or len(self._struck) == self.count:
            return False
        self._struck.add(order.perm_id)
        return True


class OfReports(OfNewOrders):
    """A fault of what is said about orders; what becomes of them is another matter."""

    _gateway: "Gateway" = PrivateAttr()

    async def begin(self, gateway: "Gateway") -> None:
        """Stand in the way of every report."""
        self._gateway = gateway
        gateway.orders.reports.filters.append(self._filter)

    async def end(self, gateway: "Gateway") -> None:
        """Let them pass."""
        gateway.orders.reports.filters.remove(self._filter)

    def _filter(self, report: Report) -> Iterable[Report]:
        return self.instead(report) if self.strikes_order(report.order) else [report]

    @abstractmethod
    def instead(self, report: Report) -> Iterable[Report]:
        """What leaves in a report's place."""
