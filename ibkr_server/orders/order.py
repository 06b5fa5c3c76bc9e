"""An order as the server knows it, and the trades that have filled it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from ibkr_server.orders.spec import OrderSpec


class OrderState(Enum):
    """Where an order stands; IB's names where IB has one."""

    PENDING_SUBMIT = "PendingSubmit"
    """Recorded and on its way; the gateway has not answered."""
    PRE_SUBMITTED = "PreSubmitted"
    SUBMITTED = "Submitted"
    PENDING_CANCEL = "PendingCancel"
    FILLED = "Filled"
    CANCELLED = "Cancelled"
    REJECTED = "Rejected"
    INACTIVE = "Inactive"
    """Held by IB and not working; it may come to life."""
    UNKNOWN = "Unknown"
    """Sent, and nothing is known of it until the gateway's three lists have been read."""
    ABSENT = "Absent"
    """In none of the three lists. Never sent again; if it appears after all it takes its true state."""

    @property
    def is_done(self) -> bool:
        """Whether nothing more is expected of it."""
        return self in _DONE


_DONE = {OrderState.FILLED, OrderState.CANCELLED, OrderState.REJECTED, OrderState.ABSENT}


class Origin(Enum):
    """Who made an order."""

    MESH = "mesh"
    OTHER_CLIENT = "other client"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for and what has become of it. Money in US dollars, times UTC."""

    client_order_id: str
    order_id: int
    spec: OrderSpec
    state: OrderState
    created: datetime
    updated: datetime
    sequence: int
    request_hash: str = ""
    perm_id: int | None = None
    reason: str = ""
    ib_code: int | None = None
    filled: Decimal = Decimal(0)
    average_price: Decimal | None = None
    """Net per unit, per share: positive paid."""
    commission: Decimal | None = None
    revision: int = 0
    origin: Origin = Origin.MESH
    owner: str = ""
    parent: str = ""
    """client_order_id of the entry that it is an exit of."""
    lease_id: str = ""

    @property
    def remaining(self) -> Decimal:
        """Units still to be filled; 0 once it is done."""
        return Decimal(0) if self.state.is_done else Decimal(self.spec.quantity) - self.filled


@dataclass(frozen=True, slots=True)
class Execution:
    """A trade of one contract, or of a combo as a whole; `quantity` positive bought, negative sold."""

    execution_id: str
    client_order_id: str
    perm_id: int
    account: str
    con_id: int
    is_combo: bool
    quantity: Decimal
    price: Decimal
    time: datetime
    exchange: str
    commission: Decimal | None = None
    realized_pnl: Decimal | None = None
