"""A cancel that comes too late."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

from pydantic import Field

from tws_sim.faults.of_orders import OfNewOrders
from tws_sim.orders import refusal
from tws_sim.orders.engine import OrderEngine
from tws_sim.orders.order import Order, Status, snapshot
from tws_sim.orders.reports import OrderError
from tws_sim.session import Session
from tws_sim.wire.requests import message_ids, request_id

_CANCEL, _CANCEL_ALL = message_ids("cancelOrder"), message_ids("reqGlobalCancel")


class FillRacesCancel(OfNewOrders):
    """An order is executed after its cancel has been taken: wholly, then error 10148, or in part."""

    quantity: Annotated[
        int | None, Field(ge=1, description="Units executed before the cancel takes effect; all if absent.")
    ] = None

    def intercept(self, session: Session, message_id: int, fields: Sequence[str]) -> bool:
        """Take the cancel, then execute."""
        engine, client_id = session.gateway.orders, session.client_id
        if client_id is None or message_id not in _CANCEL | _CANCEL_ALL:
            return False
        if message_id in _CANCEL:
            order_id = request_id(message_id, fields)
            found = [engine.book.of(client_id, order_id)]
            engine.cancel(client_id, order_id)
        else:
            found = [*engine.book.live()]
            engine.cancel_all()
        for order in found:
            if order is not None and order.status is Status.PENDING_CANCEL and self.strikes_order(order):
                self._execute(engine, order)
        return True

    def _execute(self, engine: OrderEngine, order: Order) -> None:
        with suppress(ValueError):  # the market has no price: the cancel takes effect
            engine.exchange.execute(order, min(order.remaining, self.quantity or order.remaining))
        if order.done:
            problem = refusal.done_already(order.order_id, order.status)
            engine.reports.send(OrderError(snapshot(order), problem))
