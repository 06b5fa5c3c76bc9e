"""The books as JSON has them: every order with its history, and every execution."""

from dataclasses import asdict
from typing import Any

from tws_sim.orders.book import OrderBook
from tws_sim.orders.order import Order


def ledger(book: OrderBook) -> dict[str, Any]:
    """``{"orders": [...], "executions": [...]}``, both in the order they came."""
    return {
        "orders": [order_entry(order) for order in book.orders.values()],
        "executions": [asdict(execution) for execution in book.executions],
    }


def order_entry(order: Order) -> dict[str, Any]:
    """One order; prices are as its client wrote them."""
    ticket = order.ticket
    return {
        "perm_id": order.perm_id,
        "client_id": order.client_id,
        "order_id": order.order_id,
        "order_ref": ticket.text("orderRef"),
        "by_hand": order.by_hand,
        "con_id": order.con_id,
        "symbol": ticket.contract.symbol,
        "legs": [[leg.con_id, leg.ratio, leg.action] for leg in ticket.legs],
        "action": ticket.text("action"),
        "order_type": ticket.order_type,
        "limit": ticket.text("lmtPrice"),
        "stop": ticket.text("auxPrice"),
        "tif": ticket.tif,
        "status": order.status,
        "live": not order.done,
        "quantity": order.quantity,
        "filled": order.filled,
        "remaining": order.remaining,
        "average_price": order.average_price,
        "parent_perm_id": order.parent_perm_id,
        "oca_group": order.oca_group,
        "outcome": order.outcome,
        "history": [asdict(event) for event in order.history],
    }
