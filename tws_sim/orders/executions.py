"""From a match to executions: booked, told, and felt by the orders of the same group."""

from decimal import Decimal
from typing import TYPE_CHECKING

from tws_sim.account.account import Trade
from tws_sim.orders import groups, refusal
from tws_sim.orders.book import Execution
from tws_sim.orders.matching import Match
from tws_sim.orders.numbers import execution_id
from tws_sim.orders.order import Order, Status, snapshot
from tws_sim.orders.product import Product
from tws_sim.orders.refusal import RefusedError
from tws_sim.orders.reports import CommissionReport, ExecutionDetails, OrderError

if TYPE_CHECKING:
    from tws_sim.orders.engine import OrderEngine


def execute(engine: "OrderEngine", order: Order, found: Match) -> None:
    """Book what was matched and tell of it: executions, what they cost, and where the order is now."""
    wanted = engine.product(order)
    sign = 1 if order.ticket.buys else -1
    price = _price(sign * found.cost, wanted.tick)
    order.filled += found.quantity
    order.spent = round(order.spent + found.quantity * price, 8)
    order.last_price = price
    executions = _booked(engine, order, wanted, found, price)
    late = order.change is not None
    if not order.remaining:
        order.cancelled_at = order.change = None
        order.outcome = f"Filled Size: {order.filled}"
        order.move(Status.FILLED, engine.gateway.market.clock.now())
    copy = snapshot(order)
    for one in executions:
        engine.reports.send(ExecutionDetails(copy, one, engine.contract(order, one.con_id)))
    for one in executions:
        if one.commission is not None:
            engine.reports.send(CommissionReport(copy, one))
    engine.report(order)
    if order.done and late:
        engine.reports.send(OrderError(copy, RefusedError(*refusal.CANNOT_CHANGE_FILLED)))
    groups.executed(engine, order, found.quantity)


def _booked(
    engine: "OrderEngine", order: Order, wanted: Product, found: Match, price: float
) -> list[Execution]:
    """The executions in the book and in the account: a combination's own is first and costs nothing."""
    base = engine.numbers.next_execution()
    sign = 1 if order.ticket.buys else -1
    executions = []
    if wanted.is_combo:
        executions.append(_entered(engine, order, execution_id(base, 1), sign * found.quantity, price))
    first = 2 if wanted.is_combo else 1
    for place, (part, at) in enumerate(zip(wanted.parts, found.prices, strict=True), start=first):
        trade = Trade(part.item.con_id, sign * found.quantity * part.ratio, _price(at, wanted.tick))
        one = _entered(engine, order, execution_id(base, place), trade.quantity, trade.price, trade.con_id)
        one.commission, one.realized = engine.gateway.account.book(trade, one.execution_id, order.perm_id)
        executions.append(one)
    return executions


def _entered(
    engine: "OrderEngine",
    order: Order,
    number: str,
    quantity: int,
    price: float,
    con_id: int | None = None,
) -> Execution:
    """Enter an execution of the order's contract, or of one of its legs; sold: a negative quantity."""
    contract = con_id or order.con_id
    before = list(engine.book.executions_of(order.perm_id, contract))
    size = abs(quantity)
    cumulative = size + sum(one.quantity for one in before)
    spent = size * price + sum(one.quantity * one.price for one in before)
    found = Execution(
        execution_id=number,
        perm_id=order.perm_id,
        order_id=order.order_id,
        client_id=order.client_id,
        con_id=contract,
        time=engine.gateway.market.clock.now().isoformat(),
        side="BOT" if quantity > 0 else "SLD",
        quantity=size,
        price=price,
        cumulative=cumulative,
        average=round(spent / cumulative, 8),
        exchange=order.ticket.contract.exchange,
        order_ref=order.ticket.text("orderRef"),
    )
    engine.book.executions.append(found)
    return found


def _price(ticks: int, tick: Decimal) -> float:
    return float(ticks * tick)
