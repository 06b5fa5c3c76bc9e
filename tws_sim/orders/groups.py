"""Orders that depend on each other: parents and children, and those of which one cancels all."""

from typing import TYPE_CHECKING

from tws_sim.orders import refusal
from tws_sim.orders.order import Order, Status

if TYPE_CHECKING:
    from tws_sim.orders.engine import OrderEngine

CANCEL, REDUCE_BLOCKED, REDUCE = 1, 2, 3


def join(order: Order, parent: Order | None) -> None:
    """Enter the groups that follow from a ticket: children of one parent reduce each other."""
    if parent is not None and not order.oca_group:
        order.oca_group, order.oca_type = str(parent.perm_id), REDUCE
    elif order.oca_group and not order.oca_type:
        order.oca_type = REDUCE


def waits_for_parent(engine: "OrderEngine", order: Order) -> bool:
    """Whether an order's parent has to be executed first."""
    parent = engine.book.orders.get(order.parent_perm_id)
    if parent is None or parent.status is Status.FILLED:
        return False
    return not (parent.done and parent.filled)


def executed(engine: "OrderEngine", order: Order, quantity: int) -> None:
    """An order has been executed by so much: the others of its group are cancelled, or reduced in proportion.

    Where a group does not block, the others learn of it only once the exchange has gone through all orders.
    """
    if not order.oca_group:
        return
    before = order.remaining + quantity
    if order.oca_type == REDUCE:
        engine.exchange.later.append((order, quantity, before))
    else:
        affect_others(engine, order, quantity, before)


def affect_others(engine: "OrderEngine", order: Order, quantity: int, before: int) -> None:
    """Cancel or reduce the live orders of a group because of one that had ``before`` units left."""
    for other in _others(engine, order):
        kept = 0 if order.oca_type == CANCEL else other.remaining * (before - quantity) // before
        if not kept:
            engine.end(other, Status.CANCELLED, "OCA group", refusal.cancelled("OCA group was executed"))
            continue
        other.quantity = other.filled + kept
        other.move(other.status, engine.gateway.market.clock.now(), "reduced by its OCA group")
        if other.heard:
            engine.report(other)


def _others(engine: "OrderEngine", order: Order) -> list[Order]:
    return [
        one for one in engine.book.live() if one.oca_group == order.oca_group and one.perm_id != order.perm_id
    ]


def ended(engine: "OrderEngine", order: Order) -> None:
    """An order has ended without being filled: children go too, or live on for what was executed of it."""
    for child in list(engine.book.children(order)):
        if not order.filled:
            reason = refusal.cancelled("The parent order was cancelled")
            engine.end(child, Status.CANCELLED, "parent cancelled", reason)
        elif child.quantity > order.filled:
            child.quantity = order.filled
            child.move(child.status, engine.gateway.market.clock.now(), "reduced to its parent's executions")
            if child.heard:
                engine.report(child)
