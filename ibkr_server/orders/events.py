"""What the journal says of orders: one class for each kind of entry, and how they become JSON.

Entries are facts: what was decided here, and what the gateway said. What they add up to is for `book.py`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final, get_args

from pydantic import TypeAdapter

from ibkr_server.orders.broker import CommissionReport, ExecutionReport, OrderReport
from ibkr_server.orders.order import OrderState
from ibkr_server.orders.spec import OrderSpec


@dataclass(frozen=True, slots=True)
class Intent:
    """An order is about to be sent, once."""

    order_id: int
    client_id: int
    spec: OrderSpec
    request_hash: str
    owner: str
    lease_id: str = ""
    parent: str = ""
    trace: str = ""
    """Of the span that sent it: `mesh.telemetry.context` in hexadecimal; empty where that was not traced."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """Certainly not a byte of an intent was written; its name is free for the same order again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The gateway has not answered in time, or can't any more."""


@dataclass(frozen=True, slots=True)
class Reported:
    """The gateway has told of an order: openOrder, orderStatus or completedOrder."""

    perm_id: int
    """0 where it told none."""
    state: OrderState | None
    """None for a word of the gateway's that says nothing of the state."""
    filled: Decimal | None = None
    limit_price: Decimal | None = None
    quantity: int | None = None
    reason: str = ""
    overrules: bool = False
    """It was read after the order was thought done, so it is nearer to the truth."""


@dataclass(frozen=True, slots=True)
class Twinned:
    """The gateway has a second order of the same name."""

    perm_id: int
    order_id: int


@dataclass(frozen=True, slots=True)
class Complained:
    """The gateway sent an error or a warning about an order; what it means is for `lifecycle.py`."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Absent:
    """In none of the gateway's three lists, all read after it was sent."""


@dataclass(frozen=True, slots=True)
class CancelIntent:
    """An order shall be cancelled; that is owed until it is done."""

    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReplaceIntent:
    """An order is about to be changed, once."""

    revision: int
    spec: OrderSpec
    by: str


class Outcome(Enum):
    """What became of a change."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNSENT = "unsent"


@dataclass(frozen=True, slots=True)
class ReplaceSettled:
    """What became of a change."""

    revision: int
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Executed:
    """A trade, or a correction of one; of no order of ours where the entry names none."""

    trade: ExecutionReport


@dataclass(frozen=True, slots=True)
class Commissioned:
    """What a trade has cost, and realized."""

    cost: CommissionReport


@dataclass(frozen=True, slots=True)
class Progressed:
    """What the trades of an order add up to after the entry before; a conclusion, for readers."""

    filled: Decimal
    average_price: Decimal | None


@dataclass(frozen=True, slots=True)
class ForeignSeen:
    """An order that was not placed here, as it now is."""

    report: OrderReport


@dataclass(frozen=True, slots=True)
class Halted:
    """Nothing new leaves from here on."""

    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Resumed:
    """The end of a halt."""

    halt_sequence: int
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class EverythingCancelled:
    """The orders of everybody are about to be cancelled."""

    by: str


@dataclass(frozen=True, slots=True)
class Alerted:
    """Something that must not happen has been seen. `subject` tells it from others of its kind."""

    kind: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The gateway's three lists have been read; how long they were."""

    open_orders: int
    completed_orders: int
    executions: int


@dataclass(frozen=True, slots=True)
class LeaseGranted:
    """A lease was opened, or its term was changed."""

    lease_id: str
    owner: str
    seconds: float


@dataclass(frozen=True, slots=True)
class LeaseEnded:
    """A lease ran out or was given back; orders that are not cancelled with it stay without one."""

    lease_id: str
    expired: bool


Event = (
    Intent
    | Unsent
    | Unanswered
    | Reported
    | Twinned
    | Complained
    | Absent
    | CancelIntent
    | ReplaceIntent
    | ReplaceSettled
    | Executed
    | Commissioned
    | Progressed
    | ForeignSeen
    | Halted
    | Resumed
    | EverythingCancelled
    | Alerted
    | Reconciled
    | LeaseGranted
    | LeaseEnded
)
Draft = tuple[str | None, Event]
"""client_order_id of the order that it is about, or None; and what is to be recorded."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry as the journal has it."""

    sequence: int
    time: datetime
    client_order_id: str | None
    event: Event


def _spoken(event: type[Event]) -> str:
    return re.sub("(?<!^)(?=[A-Z])", " ", event.__name__).lower()


KINDS: Final[dict[str, type[Event]]] = {_spoken(event): event for event in get_args(Event)}
"""By their names in the journal, as "cancel intent". They never change, as old journals have them."""
_NAMES: Final = {event: name for name, event in KINDS.items()}
_ADAPTERS: Final[dict[str, TypeAdapter[Event]]] = {name: TypeAdapter(event) for name, event in KINDS.items()}


def encode(event: Event) -> tuple[str, dict[str, Any]]:
    """Kind and payload, as JSON knows it: decimals and times are text."""
    kind = _NAMES[type(event)]
    payload: dict[str, Any] = _ADAPTERS[kind].dump_python(event, mode="json")
    return kind, payload


def decode(kind: str, payload: Mapping[str, Any]) -> Event:
    """What `encode` has made.

    Raises:
        KeyError: No such kind: the journal is of a later version.
        ValueError: Not a payload of it.
    """
    return _ADAPTERS[kind].validate_python(payload)
