"""Orders: placed, changed, cancelled, listed; and executions."""

from datetime import datetime

from tws_sim.orders import by_hand
from tws_sim.orders.order import Order, Status
from tws_sim.requests.dispatch import handles
from tws_sim.session import Session
from tws_sim.wire import errors, executions, order_reports
from tws_sim.wire.fields import FieldError, FieldReader
from tws_sim.wire.framing import message
from tws_sim.wire.orders import read_order

_LISTED_WHEN_DONE = {Status.CANCELLED, Status.FILLED, Status.INACTIVE}


def _may_trade(session: Session, order_id: int) -> bool:
    """Whether orders are taken and listed at all; error 321 says that they are not."""
    if session.gateway.settings.read_only:
        session.error(order_id, errors.VALIDATION_ERROR, errors.validation(errors.READ_ONLY))
    return not session.gateway.settings.read_only


@handles(3)
async def place_order(session: Session, fields: FieldReader) -> None:
    """A new order, a change of a live one, or a what-if."""
    order_id = fields.integer()
    if session.client_id is None or not _may_trade(session, order_id):
        return
    try:
        ticket = read_order(fields, session.version)
    except FieldError as problem:
        session.error(order_id, errors.READ_ERROR, errors.reading(f"Unable to parse: {problem}"))
        return
    session.gateway.orders.place(session.client_id, order_id, ticket)


@handles(4)
async def cancel_order(session: Session, fields: FieldReader) -> None:
    """PendingCancel, then Cancelled; or why not."""
    fields.skip()
    if session.client_id is not None:
        session.gateway.orders.cancel(session.client_id, fields.integer())


@handles(58)
async def global_cancel(session: Session, fields: FieldReader) -> None:
    """Every order of the account, also of other clients and by hand."""
    if _may_trade(session, -1):
        session.gateway.orders.cancel_all()


@handles(21)
async def exercise_options(session: Session, fields: FieldReader) -> None:
    """Error 321: nothing is exercised here."""
    fields.skip()
    text = errors.validation(errors.NO_EXERCISE)
    session.error(fields.integer(), errors.VALIDATION_ERROR, text)


@handles(5)
async def open_orders(session: Session, fields: FieldReader) -> None:
    """The client's own live orders; client 0's are those entered by hand too, which are bound to it now."""
    engine = session.gateway.orders
    if not _may_trade(session, -1):
        return
    if session.client_id == 0:
        by_hand.bind(engine)
    _list(session, [order for order in engine.book.live() if order.client_id == session.client_id])


@handles(16)
async def all_open_orders(session: Session, fields: FieldReader) -> None:
    """Every live order of the account."""
    if _may_trade(session, -1):
        _list(session, session.gateway.orders.book.live())


def _list(session: Session, orders: list[Order]) -> None:
    """Orders that have been transmitted, told of already or not, then the end."""
    engine = session.gateway.orders
    for order in orders:
        if order.transmitted:
            state = order_reports.State(order.status)
            contract = engine.contract(order)
            session.send(order_reports.open_order(session.version, order, contract, state))
            session.send(order_reports.order_status(order))
    session.send(message(53, 1))


@handles(15)
async def auto_open_orders(session: Session, fields: FieldReader) -> None:
    """Bind orders entered by hand to client 0 from now on, or no more."""
    fields.skip()
    wanted = fields.boolean()
    if session.client_id != 0:
        session.error(-1, errors.VALIDATION_ERROR, errors.validation(errors.ONLY_CLIENT_ZERO))
        return
    session.gateway.orders.binds = wanted
    if wanted:
        by_hand.bind(session.gateway.orders)


@handles(99)
async def completed_orders(session: Session, fields: FieldReader) -> None:
    """The orders of all clients that have ended today; without those entered by hand on demand."""
    api_only = fields.boolean()
    if not _may_trade(session, -1):
        return
    engine = session.gateway.orders
    today = session.gateway.market.clock.now().date()
    for order in engine.book.orders.values():
        if order.status not in _LISTED_WHEN_DONE or (api_only and order.by_hand):
            continue
        ended = order.history[-1].time
        if datetime.fromisoformat(ended).date() == today:
            when, contract = executions.moment(ended), engine.contract(order)
            session.send(order_reports.completed_order(session.version, order, contract, when))
    session.send(message(102))


@handles(7)
async def request_executions(session: Session, fields: FieldReader) -> None:
    """The day's executions that fit the filter with their commissions, then the end."""
    fields.skip()
    request_id, wanted = fields.integer(), executions.read_filter(fields)
    engine, account = session.gateway.orders, session.gateway.settings.account
    today = session.gateway.market.clock.now().date()
    for one in engine.book.executions:
        if session.gateway.faults.hide(one.execution_id):
            continue
        contract = engine.contract(engine.book.orders[one.perm_id], one.con_id)
        if datetime.fromisoformat(one.time).date() == today and wanted.fits(one, account, contract):
            session.send(executions.details(session.version, one, account, contract, request_id))
            if one.commission is not None:
                session.send(executions.commission(one))
    session.send(message(55, 1, request_id))
