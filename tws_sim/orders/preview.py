"""What-if orders: what an order would do to margins and what it would cost; it is never placed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tws_sim.account.account import MarginChange
from tws_sim.orders import admission, checks
from tws_sim.orders.order import Order, Status
from tws_sim.orders.reports import OpenOrder
from tws_sim.orders.ticket import Ticket
from tws_sim.wire.order_reports import State

if TYPE_CHECKING:
    from tws_sim.orders.engine import OrderEngine

_WARNING = "Your equity with loan value would be below the initial margin."


@dataclass(frozen=True)
class _Question:
    order: Order
    due: float


class Previews:
    """Two answers to each question: one without figures, as a receipt, and then the figures."""

    def __init__(self, engine: "OrderEngine") -> None:
        self._engine = engine
        self._open: list[_Question] = []

    def ask(self, client_id: int, order_id: int, ticket: Ticket) -> None:
        """Take a question.

        Raises:
            RefusedError: the order would not be taken.
        """
        engine = self._engine
        wanted = engine.checked(ticket)
        order = Order(
            engine.numbers.next_perm_id(), client_id, order_id, ticket, wanted.con_id, checks.quantity(ticket)
        )
        contract = engine.contract(order)
        engine.reports.send(OpenOrder(order, contract, State(Status.PRE_SUBMITTED)))
        due = engine.gateway.clock.monotonic() + engine.settings.ack_delay
        self._open.append(_Question(order, due))

    def step(self) -> None:
        """Answer what is due."""
        now = self._engine.gateway.clock.monotonic()
        due = [one for one in self._open if now >= one.due]
        self._open = [one for one in self._open if now < one.due]
        for one in due:
            self._answer(one.order)

    def _answer(self, order: Order) -> None:
        engine, account = self._engine, self._engine.gateway.account
        trades = admission.trades(
            engine.gateway, engine.product(order), order.quantity, buys=order.ticket.buys
        )
        change = account.margin_if(trades)
        commission = sum(account.commission(trade) for trade in trades)
        warning = _WARNING if change.equity_after < change.initial_after else ""
        state = State(Status.PRE_SUBMITTED, margins(change), f"{commission:.6g}", warning)
        engine.reports.send(OpenOrder(order, engine.contract(order), state))
        engine.forget(order)


def margins(change: MarginChange) -> tuple[str, ...]:
    """Before, change, after: each the initial margin, the maintenance margin, the equity with loan value."""
    before, after = change[:3], change[3:]
    changes = [then - now for now, then in zip(before, after, strict=True)]
    return tuple(f"{value:.2f}" for value in (*before, *changes, *after))
