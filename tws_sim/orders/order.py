"""One order and what became of it."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from tws_sim.orders.ticket import Ticket

BAG_CON_ID = 28812380
CLOSED = "closed"


class Status(StrEnum):
    """States of an order, by the names TWS sends."""

    API_PENDING = "ApiPending"
    PENDING_SUBMIT = "PendingSubmit"
    PRE_SUBMITTED = "PreSubmitted"
    SUBMITTED = "Submitted"
    PENDING_CANCEL = "PendingCancel"
    API_CANCELLED = "ApiCancelled"
    CANCELLED = "Cancelled"
    FILLED = "Filled"
    INACTIVE = "Inactive"


ON_THE_WAY = frozenset({Status.API_PENDING, Status.PENDING_SUBMIT})
DONE = frozenset({Status.API_CANCELLED, Status.CANCELLED, Status.FILLED, Status.INACTIVE})


@dataclass(frozen=True)
class Event:
    """A state an order has come to, by the market's clock (ISO 8601), and why."""

    time: str
    status: Status
    why: str = ""


@dataclass
class Order:
    """An order the gateway has taken. Instants are seconds of the process's clock.

    Attributes:
        perm_id: its number for good.
        client_id: who placed it; 0 also for one entered by hand.
        order_id: its client's number; 0 or less for one entered by hand.
        ticket: as its client wants it.
        con_id: its contract's id, that of all combinations for a combination.
        quantity: its size; an OCA group may have reduced it.
        spent: prices times quantities of its executions, USD per unit of the contract.
        status: where it is now.
        transmitted: whether it is to be worked, or held until a child of its is.
        triggered: whether its stop price has been reached.
        why_held: what keeps it from the market: child, trigger or closed; empty: nothing.
        heard: whether its client has been told of it.
        acknowledged_at: when it is to be taken to the exchange.
        fills_at: when it can next be executed.
        cancelled_at: when a cancel that is on its way takes effect.
        change: a modification on its way, and when it takes effect.
        expires: when it ends by itself, seconds since 1970 on the market's clock.
        outcome: what completed orders say of its end.
    """

    perm_id: int
    client_id: int
    order_id: int
    ticket: Ticket
    con_id: int
    quantity: int
    filled: int = 0
    spent: float = 0.0
    last_price: float = 0.0
    status: Status = Status.API_PENDING
    by_hand: bool = False
    transmitted: bool = False
    triggered: bool = False
    heard: bool = False
    why_held: str = ""
    oca_group: str = ""
    oca_type: int = 0
    parent_perm_id: int = 0
    acknowledged_at: float = 0.0
    fills_at: float = 0.0
    cancelled_at: float | None = None
    change: Ticket | None = None
    changed_at: float = 0.0
    expires: float | None = None
    outcome: str = ""
    history: list[Event] = field(default_factory=list)

    @property
    def remaining(self) -> int:
        """What has not been executed."""
        return self.quantity - self.filled

    @property
    def average_price(self) -> float:
        """USD per unit over all executions; 0 without any."""
        return round(self.spent / self.filled, 8) if self.filled else 0.0

    @property
    def done(self) -> bool:
        """Whether nothing more can become of it."""
        return self.status in DONE

    @property
    def working(self) -> bool:
        """Whether it is at the exchange and can be executed; a cancel on its way does not prevent it."""
        return self.status in {Status.SUBMITTED, Status.PENDING_CANCEL} and not self.why_held

    def move(self, status: Status, when: datetime, why: str = "") -> None:
        """Come to a state; the history keeps it."""
        self.status = status
        self.history.append(Event(when.isoformat(), status, why))


def snapshot(order: Order) -> Order:
    """An order as it is now, without its history."""
    return replace(order, history=[])
