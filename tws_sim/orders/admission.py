"""What IB's servers hold an order against when it arrives there."""

from typing import TYPE_CHECKING

from tws_sim.account.account import Trade
from tws_sim.orders import refusal
from tws_sim.orders.order import ON_THE_WAY, Order
from tws_sim.orders.product import Product
from tws_sim.orders.refusal import RefusedError

if TYPE_CHECKING:
    from tws_sim.gateway import Gateway
    from tws_sim.orders.engine import OrderEngine


def objection(engine: "OrderEngine", order: Order) -> RefusedError | None:
    """Why an order is rejected; None where it is not."""
    problem = engine.gateway.faults.objection(order)
    if problem is not None:
        return problem
    most = engine.settings.most_live
    if len(_rivals(engine, order)) >= most:
        return refusal.rejected(f"There are {most} working orders on this side of the contract already")
    return None if order.parent_perm_id else _too_much(engine, order)


def _rivals(engine: "OrderEngine", order: Order) -> list[Order]:
    """Orders at work on the same side of the same contract."""
    wanted = engine.product(order)
    return [
        one
        for one in engine.book.live()
        if one.status not in ON_THE_WAY
        and one.ticket.buys == order.ticket.buys
        and engine.product(one).key == wanted.key
    ]


def _too_much(engine: "OrderEngine", order: Order) -> RefusedError | None:
    """Why the account's means do not suffice; whatever lowers the margin is always possible."""
    wanted = trades(engine.gateway, engine.product(order), order.quantity, buys=order.ticket.buys)
    change = engine.gateway.account.margin_if(wanted)
    if change.initial_after <= change.initial_before or change.equity_after >= change.initial_after:
        return None
    return refusal.rejected(
        "IN ORDER TO OBTAIN THE DESIRED POSITION YOUR EQUITY WITH LOAN VALUE "
        f"[{change.equity_after:.2f} USD] MUST EXCEED THE INITIAL MARGIN [{change.initial_after:.2f} USD]"
    )


def trades(gateway: "Gateway", wanted: Product, quantity: int, *, buys: bool) -> list[Trade]:
    """An order as trades at present prices, for what they would mean to the account."""
    quotes = gateway.market.quotes([part.row for part in wanted.parts])
    sign = 1 if buys else -1
    return [
        Trade(part.item.con_id, sign * quantity * part.ratio, quote.mark or 0.0)
        for part, quote in zip(wanted.parts, quotes, strict=True)
    ]
