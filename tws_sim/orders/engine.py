"""The order engine: takes orders, changes and cancels; what time makes of them is in :mod:`.exchange`."""

import time
from typing import TYPE_CHECKING

from tws_sim.market.listing import ContractQuery
from tws_sim.orders import checks, groups, hours, refusal
from tws_sim.orders.book import OrderBook
from tws_sim.orders.exchange import Exchange
from tws_sim.orders.numbers import Numbers
from tws_sim.orders.order import DONE, ON_THE_WAY, Order, Status, snapshot
from tws_sim.orders.preview import Previews
from tws_sim.orders.product import Product, product
from tws_sim.orders.refusal import RefusedError
from tws_sim.orders.reports import OpenOrder, OrderError, OrderStatus, Reports
from tws_sim.orders.ticket import Ticket, TicketError
from tws_sim.wire.contracts import described
from tws_sim.wire.framing import Field
from tws_sim.wire.order_reports import State

if TYPE_CHECKING:
    from tws_sim.gateway import Gateway

__all__ = ["OrderEngine", "snapshot"]


class OrderEngine:
    """Orders of all clients. They belong to the account: no connection's end changes them."""

    def __init__(self, gateway: "Gateway") -> None:
        self.gateway = gateway
        self.settings = gateway.settings.orders
        self.book = OrderBook()
        self.reports = Reports(gateway)
        self.numbers = Numbers(time.time())
        self.exchange = Exchange(self)
        self.previews = Previews(self)
        self.binds = False
        self._products: dict[int, Product] = {}

    def step(self) -> None:
        """Let happen what is due by now; nothing while the link to the exchange is broken."""
        if self.gateway.faults.hold_orders:
            return
        self.previews.step()
        self.exchange.step()

    def place(self, client_id: int, order_id: int, ticket: Ticket) -> None:
        """A client's placeOrder: a new order, a change of a live one, or a question what it would mean."""
        try:
            if ticket.flag("whatIf"):
                self.previews.ask(client_id, order_id, ticket)
                return
            known = self.book.of(client_id, order_id)
            if known is None:
                self._take(client_id, order_id, ticket)
            else:
                self.change(known, ticket)
        except RefusedError as problem:
            self.refuse(client_id, order_id, ticket, problem)
        except TicketError as problem:
            self.refuse(client_id, order_id, ticket, refusal.invalid(str(problem)))

    def refuse(self, client_id: int, order_id: int, ticket: Ticket, problem: RefusedError) -> None:
        """Tell a client that something is not done; nothing of it is kept."""
        self.reports.send(OrderError(Order(0, client_id, order_id, ticket, 0, 0), problem))

    def _take(self, client_id: int, order_id: int, ticket: Ticket) -> None:
        if order_id <= max(0, self.book.highest_id(client_id)):
            raise RefusedError(*refusal.DUPLICATE_ID)
        parent = self._parent(client_id, ticket)
        order = self.accept(client_id, order_id, ticket, parent)
        self.gateway.next_order_id = max(self.gateway.next_order_id, order_id + 1)
        if ticket.flag("transmit"):
            for one in self.book.family(order):
                self.transmit(one)

    def _parent(self, client_id: int, ticket: Ticket) -> Order | None:
        parent_id = ticket.integer("parentId")
        parent = self.book.of(client_id, parent_id)
        if parent_id and (parent is None or parent.status in DONE - {Status.FILLED}):
            raise refusal.no_such_order(parent_id)
        return parent

    def accept(self, client_id: int, order_id: int, ticket: Ticket, parent: Order | None = None) -> Order:
        """Check an order and enter it into the book; it waits to be transmitted.

        Raises:
            RefusedError: it is not taken.
            TicketError: a figure cannot be read.
        """
        wanted = self.checked(ticket)
        now = self.gateway.market.clock.now()
        expires = hours.expiry(ticket, wanted, self.gateway.market.calendar, now)
        order = Order(
            perm_id=self.numbers.next_perm_id(),
            client_id=client_id,
            order_id=order_id,
            ticket=ticket,
            con_id=wanted.con_id,
            quantity=checks.quantity(ticket),
            expires=None if expires is None else expires.timestamp(),
            parent_perm_id=parent.perm_id if parent else 0,
            oca_group=ticket.text("ocaGroup"),
            oca_type=ticket.integer("ocaType"),
        )
        groups.join(order, parent)
        order.move(Status.API_PENDING, now)
        self._products[order.perm_id] = wanted
        self.book.add(order)
        return order

    def checked(self, ticket: Ticket) -> Product:
        """What a ticket is for, once everything about it has been looked at.

        Raises:
            RefusedError: it is not taken.
            TicketError: a figure cannot be read.
        """
        wanted = product(self.gateway.market.listing, ticket)
        checks.check(ticket, self.gateway.settings.account)
        checks.limit_price(ticket, wanted)
        checks.stop_price(ticket, wanted)
        return wanted

    def transmit(self, order: Order) -> None:
        """Send an order on its way to the exchange."""
        if order.transmitted:
            return
        order.transmitted = True
        order.move(Status.PENDING_SUBMIT, self.gateway.market.clock.now())
        order.acknowledged_at = self.gateway.clock.monotonic() + self.settings.ack_delay

    def change(self, order: Order, ticket: Ticket) -> None:
        """Have an order changed; it takes effect once the exchange has got it.

        Raises:
            RefusedError: the order has ended, or this is no change of it.
            TicketError: a figure cannot be read.
        """
        if order.status is Status.FILLED:
            raise RefusedError(*refusal.CANNOT_CHANGE_FILLED)
        if order.done:
            raise RefusedError(*refusal.DUPLICATE_ID)
        if order.status is Status.PENDING_CANCEL:
            raise refusal.rejected("Cannot modify an order that is being cancelled")
        wanted = self.checked(ticket)
        if wanted.key != self.product(order).key or ticket.buys != order.ticket.buys:
            raise RefusedError(*refusal.CHANGED_TOO_MUCH)
        order.change = ticket
        order.changed_at = self.gateway.clock.monotonic() + self.settings.ack_delay
        if order.status in ON_THE_WAY:
            self.apply_change(order)
            if ticket.flag("transmit"):
                for one in self.book.family(order):
                    self.transmit(one)

    def apply_change(self, order: Order) -> None:
        """Let a change on its way take effect; refused where more has been executed meanwhile."""
        ticket, order.change = order.change, None
        if ticket is None or order.done:
            return
        try:
            quantity = checks.quantity(ticket)
            if quantity <= order.filled:
                raise refusal.rejected("The quantity is not above what has been filled")
            now = self.gateway.market.clock.now()
            expires = hours.expiry(ticket, self.product(order), self.gateway.market.calendar, now)
        except RefusedError as problem:
            self.reports.send(OrderError(snapshot(order), problem))
            return
        order.ticket, order.quantity = ticket, quantity
        order.expires = None if expires is None else expires.timestamp()
        order.move(order.status, now, "modified")
        if order.heard:
            self.report(order)

    def cancel(self, client_id: int, order_id: int) -> None:
        """A client's cancelOrder."""
        order = self.book.of(client_id, order_id)
        if order is None:
            self.refuse(client_id, order_id, Ticket(ContractQuery()), refusal.not_found(order_id))
            return
        try:
            self.begin_cancel(order)
        except RefusedError as problem:
            self.reports.send(OrderError(snapshot(order), problem))

    def begin_cancel(self, order: Order) -> None:
        """Have an order cancelled; until it is, it can still be executed.

        Raises:
            RefusedError: it has ended, or is being cancelled already.
        """
        if order.done:
            raise refusal.done_already(order.order_id, order.status)
        if order.status is Status.PENDING_CANCEL:
            raise refusal.not_cancellable(order.perm_id)
        if order.status in ON_THE_WAY:
            self.end(order, Status.API_CANCELLED, "cancelled by its client", refusal.cancelled())
            return
        order.move(Status.PENDING_CANCEL, self.gateway.market.clock.now())
        order.cancelled_at = self.gateway.clock.monotonic() + self.settings.ack_delay
        self.reports.send(OrderStatus(snapshot(order)))

    def cancel_all(self) -> int:
        """Have every live order cancelled, whoever placed it; returns how many."""
        orders = [order for order in self.book.live() if order.status is not Status.PENDING_CANCEL]
        for order in orders:
            if not order.done:
                self.begin_cancel(order)
        return len(orders)

    def end(self, order: Order, status: Status, why: str, problem: RefusedError | None = None) -> None:
        """An order comes to its end: cancelled, expired or rejected; what is attached to it with it."""
        if order.done:
            return
        order.move(status, self.gateway.market.clock.now(), why)
        order.change = order.cancelled_at = None
        order.why_held = ""
        order.outcome = why
        if status is Status.INACTIVE:
            if problem is not None:
                self.reports.send(OrderError(snapshot(order), problem))
            self.report(order)
        else:
            self.reports.send(OrderStatus(snapshot(order)))
            if problem is not None:
                self.reports.send(OrderError(snapshot(order), problem))
        groups.ended(self, order)

    def product(self, order: Order) -> Product:
        """What an order trades."""
        if order.perm_id not in self._products:
            self._products[order.perm_id] = product(self.gateway.market.listing, order.ticket)
        return self._products[order.perm_id]

    def forget(self, order: Order) -> None:
        """Keep nothing of an order that is not in the book."""
        self._products.pop(order.perm_id, None)

    def report(self, order: Order) -> None:
        """Tell of an order as it is now."""
        order.heard = True
        copy = snapshot(order)
        self.reports.send(OpenOrder(copy, self.contract(order), State(order.status)), OrderStatus(copy))

    def contract(self, order: Order, con_id: int | None = None) -> list[Field]:
        """The fields from id to trading class of an order's contract, or of one of its legs."""
        wanted, asked = self.product(order), order.ticket.contract
        for part in wanted.parts:
            if part.item.con_id == (con_id or wanted.con_id):
                return described(part.item, asked.exchange)
        names = (asked.symbol, "COMB")
        return [wanted.con_id, asked.symbol, "BAG", "", 0, "", "", asked.exchange, "USD", *names]
