"""One order twice."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from tws_sim.faults.of_orders import OfNewOrders, OrderCount
from tws_sim.orders.engine import OrderEngine
from tws_sim.orders.refusal import RefusedError
from tws_sim.orders.ticket import Ticket
from tws_sim.session import Session
from tws_sim.wire.fields import FieldReader
from tws_sim.wire.orders import read_order
from tws_sim.wire.requests import message_ids

_PLACE = message_ids("placeOrder")


class TwoPermIds(OfNewOrders):
    """A modification leaves an order alone and enters another: same number, same orderRef, new permId."""

    on: Annotated[
        Literal["modify", "place"], Field(description="What brings it about: a modification, or a new order.")
    ] = "modify"
    count: OrderCount = 1

    def intercept(self, session: Session, message_id: int, fields: Sequence[str]) -> bool:
        """Enter the order once more."""
        if message_id not in _PLACE or session.client_id is None:
            return False
        try:
            ticket = read_order(FieldReader(fields[2:]), session.version)
            return self._deal(session.gateway.orders, session.client_id, int(fields[1]), ticket)
        except (ValueError, IndexError):  # it cannot be read: the answer to that is the gateway's
            return False

    def _deal(self, engine: OrderEngine, client_id: int, order_id: int, ticket: Ticket) -> bool:
        """Whether the request has been dealt with."""
        order = engine.book.of(client_id, order_id)
        if ticket.flag("whatIf") or (order is None) != (self.on == "place"):
            return False
        if order is None:
            engine.place(client_id, order_id, ticket)
            order = engine.book.of(client_id, order_id)
            if order is None:  # refused
                return True
        elif order.done:
            return False
        if self.strikes_order(order):
            _enter(engine, client_id, order_id, ticket)
            return True
        return self.on == "place"


def _enter(engine: OrderEngine, client_id: int, order_id: int, ticket: Ticket) -> None:
    try:
        another = engine.accept(client_id, order_id, ticket)
    except RefusedError as problem:
        engine.refuse(client_id, order_id, ticket, problem)
        return
    another.transmitted = False
    engine.transmit(another)
