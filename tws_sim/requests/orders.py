"""Orders: this gateway is in read-only mode, so it lists none and refuses to place or cancel any."""

from tws_sim.requests.dispatch import handles
from tws_sim.session import Session
from tws_sim.wire import errors
from tws_sim.wire.fields import FieldReader
from tws_sim.wire.framing import message


@handles(3)
async def place_order(session: Session, fields: FieldReader) -> None:
    """Error 321 with the order's id."""
    session.error(fields.integer(), errors.VALIDATION_ERROR, errors.validation(errors.READ_ONLY))


@handles(4)
async def cancel_order(session: Session, fields: FieldReader) -> None:
    """Error 10147: no order has been placed."""
    fields.skip()
    order_id = fields.integer()
    text = f"OrderId {order_id} that needs to be cancelled is not found."
    session.error(order_id, errors.ORDER_NOT_FOUND, text)


@handles(21)
async def exercise_options(session: Session, fields: FieldReader) -> None:
    """Error 321: read-only."""
    fields.skip()
    session.error(fields.integer(), errors.VALIDATION_ERROR, errors.validation(errors.READ_ONLY))


@handles(58)
async def global_cancel(session: Session, fields: FieldReader) -> None:
    """Error 321: read-only."""
    session.error(-1, errors.VALIDATION_ERROR, errors.validation(errors.READ_ONLY))


@handles(5)
async def open_orders(session: Session, fields: FieldReader) -> None:
    """The end of an empty list."""
    session.send(message(53, 1))


@handles(16)
async def all_open_orders(session: Session, fields: FieldReader) -> None:
    """The end of an empty list."""
    session.send(message(53, 1))


@handles(15)
async def auto_open_orders(session: Session, fields: FieldReader) -> None:
    """Accepted: there are no manual orders to bind."""


@handles(99)
async def completed_orders(session: Session, fields: FieldReader) -> None:
    """The end of an empty list."""
    session.send(message(102))


@handles(7)
async def executions(session: Session, fields: FieldReader) -> None:
    """The end of an empty list."""
    fields.skip()
    session.send(message(55, 1, fields.integer()))
