"""Error 201."""

from typing import Annotated

from pydantic import Field

from tws_sim.faults.of_orders import OfNewOrders
from tws_sim.orders import refusal
from tws_sim.orders.order import Order
from tws_sim.orders.refusal import RefusedError


class OrderRejected(OfNewOrders):
    """New orders are rejected when they arrive: error 201, then Inactive."""

    reason: Annotated[str, Field(description="What follows 'Order rejected - reason:'.")] = (
        "Rejected by exchange"
    )

    def objection(self, order: Order) -> RefusedError | None:
        """The error."""
        return refusal.rejected(self.reason) if self.strikes_order(order) else None
