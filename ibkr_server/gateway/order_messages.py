"""What the gateway says of orders: answers to what was asked, and news for whoever listens.

Every order, status and trade is told to the listener, those of a list too: a message that comes while a list
does may belong to either, and hearing of something twice does no harm.
"""

from ibkr_server.gateway.listener import GatewayRefusal
from ibkr_server.gateway.order_listing import Listing
from ibkr_server.gateway.order_numbers import OrderNumbers
from ibkr_server.gateway.order_what_if import WhatIfs
from ibkr_server.orders.broker import (
    BrokerListener,
    CommissionReport,
    ExecutionReport,
    OrderReport,
    StatusReport,
)
from ibkr_server.orders.order_ids import is_order_id
from mesh.errors import unavailable

DUPLICATE_ORDER_ID, NOT_VALID = 103, 321
READ_ONLY = "read-only"
"""In the text of error 321 where TWS has "Read-Only API" on."""
OPEN_ORDER, EXECUTION, COMPLETED_ORDER = "5", "11", "101"
"""Messages of which a list consists, by their numbers on the wire."""


class OrderMessages:
    """One for all sessions; `accounts` and `numbers` outlive them."""

    def __init__(self, client_id: int) -> None:
        """`client_id` is ours at the gateway."""
        self.accounts: tuple[str, ...] = ()
        self.numbers = OrderNumbers()
        self.open = Listing[OrderReport]("open orders")
        self.completed = Listing[OrderReport]("completed orders")
        self.executions = Listing[ExecutionReport]("executions", late_seconds=0.0)
        self.executions_id: int | None = None
        self.what_ifs = WhatIfs()
        self.client_id = client_id
        self.is_read_only = False
        self._listeners: list[BrokerListener] = []

    def listen(self, listener: BrokerListener) -> None:
        """Tell this one everything from now on."""
        self._listeners.append(listener)

    def named_accounts(self, accounts: tuple[str, ...]) -> None:
        """The gateway tells the accounts of its login."""
        self.accounts = accounts

    def order_reported(self, report: OrderReport) -> None:
        """OpenOrder."""
        self.numbers.seen(report.order_id)
        self.open.heard(report)
        for listener in self._listeners:
            listener.order_reported(report)

    def status_reported(self, report: StatusReport) -> None:
        """OrderStatus."""
        self.numbers.seen(report.order_id)
        for listener in self._listeners:
            listener.status_reported(report)

    def executed(self, request_id: int, report: ExecutionReport) -> None:
        """execDetails, live or of a list."""
        self.numbers.seen(report.order_id)
        if request_id == self.executions_id:
            self.executions.heard(report)
        for listener in self._listeners:
            listener.executed(report)

    def executions_ended(self, request_id: int) -> None:
        """The list of that request is complete."""
        if request_id == self.executions_id:
            self.executions.ended()

    def commission_reported(self, report: CommissionReport) -> None:
        """CommissionReport."""
        for listener in self._listeners:
            listener.commission_reported(report)

    def error(self, number: int, code: int, text: str) -> bool:
        """An error or warning; whether it was about an order or a list of ours."""
        if number == self.executions_id:
            self.executions.fail(GatewayRefusal(code, text))
        elif self.what_ifs.knows(number):
            self.what_ifs.refused(number, code, text)
        elif is_order_id(number):
            self.numbers.doubtful |= code == DUPLICATE_ORDER_ID
            for listener in self._listeners:
                listener.order_error(number, code, text)
        else:
            if code == NOT_VALID and READ_ONLY in text.lower():
                self._refused_as_read_only(GatewayRefusal(code, text))
            return False
        return True

    def unreadable(self, message: str) -> None:
        """A message of this number could not be read: lists that it may belong to are not whole."""
        error = unavailable("a message in the gateway's list can't be read", retry_after_seconds=1.0)
        if message == OPEN_ORDER:
            self.open.fail(error)
        elif message == COMPLETED_ORDER:
            self.completed.fail(error)
        elif message == EXECUTION:
            self.executions.fail(error)

    def session_ended(self) -> None:
        """What was asked will not be answered."""
        self.is_read_only = False
        lost = unavailable("the connection to the gateway was lost", retry_after_seconds=1.0)
        self.what_ifs.fail(lost)
        self.open.session_ended()
        self.completed.session_ended()
        self.executions.session_ended()

    def connection_changed(self) -> None:
        """Socket, link or accounts have changed."""
        for listener in self._listeners:
            listener.connection_changed()

    def _refused_as_read_only(self, refusal: GatewayRefusal) -> None:
        """Lists are refused without a number: whichever was asked for will not come."""
        self.is_read_only = True
        self.open.fail(refusal)
        self.completed.fail(refusal)
