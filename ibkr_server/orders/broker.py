"""The gateway as the order desk sees it: what can be sent, what is reported, in our own types."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from ibkr_server.orders.spec import OrderSpec


@dataclass(frozen=True, slots=True)
class Ticket:
    """One order as it is sent: its number at the gateway, its name there, its place in a bracket.

    The same `order_id` again changes the order that has it.
    """

    order_id: int
    order_ref: str
    spec: OrderSpec
    parent_id: int = 0
    is_exit: bool = False
    """Sells the combo that its entry has bought, so its limit is the value then."""
    stop_price: Decimal | None = None
    transmit: bool = True


@dataclass(frozen=True, slots=True)
class OrderReport:
    """An order in the gateway's words (openOrder, completedOrder); `status` is IB's text."""

    order_id: int
    client_id: int
    perm_id: int
    order_ref: str
    account: str
    status: str
    spec: OrderSpec | None
    """Always as a purchase: what the gateway calls SELL has legs of the opposite sign and a negated limit.

    None where it is of a kind that ours can't express.
    """
    summary: str
    """The order in a few words, for people."""
    parent_id: int = 0
    filled: Decimal | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StatusReport:
    """orderStatus: counts in units of the order; `average_price` as IB tells it."""

    order_id: int
    client_id: int
    perm_id: int
    status: str
    filled: Decimal
    remaining: Decimal
    average_price: Decimal
    why_held: str = ""


@dataclass(frozen=True, slots=True)
class ExecutionReport:
    """execDetails, live or on request; `quantity` is positive bought, negative sold."""

    execution_id: str
    order_id: int
    client_id: int
    perm_id: int
    order_ref: str
    account: str
    con_id: int
    is_combo: bool
    quantity: Decimal
    price: Decimal
    time: datetime
    exchange: str


@dataclass(frozen=True, slots=True)
class CommissionReport:
    """What an execution has cost, US dollars, and what it has realized."""

    execution_id: str
    commission: Decimal
    realized_pnl: Decimal | None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The what-if of an order; US dollars; None where the gateway gave no number."""

    initial_before: Decimal | None
    initial_after: Decimal | None
    maintenance_before: Decimal | None
    maintenance_after: Decimal | None
    equity_before: Decimal | None
    equity_after: Decimal | None
    commission: Decimal | None
    min_commission: Decimal | None
    max_commission: Decimal | None
    warning: str = ""


class BrokerListener(Protocol):
    """Who is told what the gateway says of orders. Called on the event loop; must not block."""

    def order_reported(self, report: OrderReport) -> None:
        """An order was acknowledged, has changed, or belongs to someone else."""

    def status_reported(self, report: StatusReport) -> None:
        """An order's status was told."""

    def executed(self, report: ExecutionReport) -> None:
        """A trade, perhaps one that was told before."""

    def commission_reported(self, report: CommissionReport) -> None:
        """What a trade has cost."""

    def order_error(self, order_id: int, code: int, text: str) -> None:
        """An error or warning about an order; what it means for the order is the listener's to judge."""

    def connection_changed(self) -> None:
        """Socket, link or accounts have changed; after a reconnection everything must be read anew."""


class Broker(Protocol):
    """What can be asked of the gateway. Everything that waits has a deadline of its own."""

    @property
    def can_send(self) -> bool:
        """Whether orders reach IB: socket and link are up, no restart is announced."""

    @property
    def is_read_only(self) -> bool:
        """Whether the gateway has refused a list in this session because its API is read-only."""

    @property
    def connections(self) -> int:
        """Sessions opened since start: a new one voids what was read in the last."""

    @property
    def client_id(self) -> int:
        """Ours at the gateway."""

    @property
    def accounts(self) -> Sequence[str]:
        """IB's accounts of the login; empty before the first session."""

    @property
    def next_order_id(self) -> int:
        """What the gateway has named as the next valid order number; 0 before the first session."""

    def take_order_id(self, at_least: int = 0) -> int:
        """A number for an order: of one sequence with those of what-ifs, so that no two share one.

        `at_least` is what the journal knows to be unused. Not lower than what the gateway named or has told
        of anybody's orders.

        Raises:
            MeshError: FAILED_PRECONDITION where the gateway's numbers have to be reset by hand.
        """

    async def turn(self) -> None:
        """Wait for the turn of one order message.

        Raises:
            MeshError: UNAVAILABLE without a session; nothing was sent.
        """

    def place(self, ticket: Ticket) -> None:
        """Write a new or changed order to the socket; its turn has been waited for.

        Raises:
            MeshError: UNAVAILABLE, and certainly not a byte was written.
        """

    def cancel(self, order_id: int) -> None:
        """Write a cancellation; its turn has been waited for.

        Raises:
            MeshError: UNAVAILABLE, and certainly not a byte was written.
        """

    def cancel_everything(self) -> None:
        """Write the global cancel, which also ends manual orders and those of other programs."""

    async def what_if(self, spec: OrderSpec, seconds: float) -> WhatIf:
        """Ask what an order would do to the account.

        Raises:
            MeshError: DEADLINE_EXCEEDED after `seconds`; UNAVAILABLE; a GatewayRefusal with IB's code.
        """

    async def open_orders(self) -> list[OrderReport]:
        """Orders of every client and of people.

        Raises:
            MeshError: DEADLINE_EXCEEDED, UNAVAILABLE.
        """

    async def completed_orders(self) -> list[OrderReport]:
        """Orders that were done today.

        Raises:
            MeshError: DEADLINE_EXCEEDED, UNAVAILABLE.
        """

    async def executions(self) -> list[ExecutionReport]:
        """Trades of today; their commissions are told to the listener.

        Raises:
            MeshError: DEADLINE_EXCEEDED, UNAVAILABLE.
        """
