"""What the desk answers, and what it tells those who watch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ibkr_server.orders.order import Execution, Order


@dataclass(frozen=True, slots=True)
class Halt:
    """Placing is halted. `sequence` is 0 while the journal can't be written to."""

    sequence: int
    reason: str
    by: str
    time: datetime


@dataclass(frozen=True, slots=True)
class ControlChange:
    """Placing was halted or resumed."""

    halted: bool
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class WatchEvent:
    """One thing that has happened; a reader has missed none whose `previous_sequence` is the last it has."""

    sequence: int
    previous_sequence: int
    time: datetime
    change: Order | Execution | ControlChange


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Orders that are not done or were done today; events go on behind `sequence`."""

    orders: Sequence[Order]
    sequence: int
    reconciled: bool
    halted: bool


@dataclass(frozen=True, slots=True)
class LeaseTerm:
    """A lease as it was granted. `guaranteed` says whether its orders could be cancelled now."""

    lease_id: str
    expires: datetime
    guaranteed: bool


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Orders whose cancellation was asked for, and whether the gateway is there to hear it."""

    client_order_ids: Sequence[str]
    guaranteed: bool


@dataclass(frozen=True, slots=True)
class TradingStatus:
    """Whether orders can be placed, and if not, why."""

    can_place: bool
    reasons: Sequence[str]
    halt: Halt | None
    trading_enabled: bool
    reconciled: bool
    unknown_orders: int
    open_orders: int
    accounts: Sequence[str]
    journal_epoch: str
    journal_sequence: int
