"""Somebody cancels an order in TWS."""

from tws_sim.faults.of_orders import OfOrders
from tws_sim.gateway import Gateway
from tws_sim.orders import refusal
from tws_sim.orders.order import Status


class CancelledByHand(OfOrders):
    """Live orders are cancelled in TWS: Cancelled, and error 202 to whoever placed them."""

    async def begin(self, gateway: Gateway) -> None:
        """Cancel."""
        for order in self.live(gateway):
            gateway.orders.end(order, Status.CANCELLED, "Cancelled by Trader", refusal.cancelled())
