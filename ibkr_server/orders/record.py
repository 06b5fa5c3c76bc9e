"""One order of ours: the fold of its journal entries."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from ibkr_server.orders import lifecycle
from ibkr_server.orders.events import (
    Absent,
    CancelIntent,
    Complained,
    Intent,
    Outcome,
    Recorded,
    ReplaceIntent,
    ReplaceSettled,
    Reported,
    Twinned,
    Unanswered,
    Unsent,
)
from ibkr_server.orders.fills import Filled, filled, split_id
from ibkr_server.orders.order import Execution, Order, OrderState
from ibkr_server.orders.spec import OrderSpec


@dataclass(frozen=True, slots=True)
class Change:
    """The last replacement of an order; `is_open` until it is known what became of it."""

    intent: ReplaceIntent
    before: OrderSpec
    last: "Change | None" = None
    """The replacement before, which counts again if this one turns out unsent."""
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Twin:
    """Another order at the gateway by the same name."""

    order_id: int
    told: OrderState = OrderState.PENDING_SUBMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(lifecycle.Facts):
    """All that the journal says of one order.

    `sent` is the sequence of its intent or last change, `heard` that of the last report or trade of it.
    """

    client_order_id: str
    intent: Intent
    spec: OrderSpec
    created: datetime
    updated: datetime
    sequence: int
    sent: int
    heard: int = 0
    perm_id: int | None = None
    lease_id: str = ""
    reason: str = ""
    ib_code: int | None = None
    told_filled: Decimal | None = None
    change: Change | None = None
    twins: Mapping[int, Twin] = field(default_factory=dict)
    executions: Mapping[str, Execution] = field(default_factory=dict)
    fills: Filled = field(default_factory=Filled)

    @property
    def state(self) -> OrderState:
        """Where it stands."""
        return lifecycle.standing(self)

    @property
    def is_done(self) -> bool:
        """Whether nothing more is expected of it."""
        return self.state.is_done

    @property
    def open_change(self) -> Change | None:
        """The replacement that is not answered yet."""
        return self.change if self.change and self.change.is_open and not self.is_done else None

    @property
    def most_asked(self) -> int:
        """The largest quantity that may be at the gateway."""
        changed = self.change.intent.spec.quantity if self.change and self.change.is_open else 0
        return max(self.spec.quantity, changed)

    @property
    def filled(self) -> Decimal:
        """Units filled, by its trades; where none are known of a done order, as it was told."""
        if not self.executions and self.is_done and self.told_filled is not None:
            return self.told_filled
        return self.fills.units

    @property
    def lacks_fills(self) -> bool:
        """Whether the gateway has told of more than the trades that are known add up to."""
        told = max(self.told_filled or Decimal(0), self.fills.combo_units)
        return self.fills.units < told

    @property
    def owed_cancels(self) -> set[int]:
        """Numbers of orders at the gateway that are still to be cancelled; twins may share theirs."""
        if not self.cancel_wanted:
            return set()
        mine = set() if self.is_done else {self.intent.order_id}
        return mine | {twin.order_id for twin in self.twins.values() if not twin.told.is_done}

    @property
    def is_awaited(self) -> bool:
        """Whether it was sent and nothing at all was heard of it yet."""
        return self.state is OrderState.PENDING_SUBMIT and not self.is_acknowledged

    @property
    def order(self) -> Order:
        """As others see it."""
        return Order(
            client_order_id=self.client_order_id,
            order_id=self.intent.order_id,
            spec=self.spec,
            state=self.state,
            created=self.created,
            updated=self.updated,
            sequence=self.sequence,
            request_hash=self.intent.request_hash,
            perm_id=self.perm_id,
            reason=self.reason,
            ib_code=self.ib_code,
            filled=self.filled,
            average_price=self.fills.average_price,
            commission=self.fills.commission,
            revision=self.change.intent.revision if self.change else 0,
            owner=self.intent.owner,
            parent=self.intent.parent,
            lease_id=self.lease_id,
        )


def begun(recorded: Recorded, intent: Intent, client_order_id: str) -> Record:
    """The record of an order whose intent was journalled."""
    return Record(
        client_order_id=client_order_id,
        intent=intent,
        spec=intent.spec,
        created=recorded.time,
        updated=recorded.time,
        sequence=recorded.sequence,
        sent=recorded.sequence,
        lease_id=intent.lease_id,
    )


def applied(record: Record, recorded: Recorded) -> Record:
    """The record after one more entry."""
    heard = recorded.sequence if isinstance(recorded.event, Reported) else record.heard
    changed = _after(record, recorded)
    return replace(changed, sequence=recorded.sequence, updated=recorded.time, heard=heard)


def _after(record: Record, recorded: Recorded) -> Record:
    match recorded.event:
        case Unsent(reason):
            return replace(record, is_unsent=True, reason=reason)
        case Unanswered():
            return replace(record, is_unanswered=True)
        case Absent():
            return replace(record, is_absent=True, is_unanswered=False)
        case Reported() as told:
            return reported(record, told)
        case Complained(code, text):
            return replace(record, error=lifecycle.graver(record.error, code), ib_code=code, reason=text)
        case CancelIntent(_, reason):
            return replace(record, cancel_wanted=True, reason=reason or record.reason)
        case Twinned(perm_id, order_id):
            return replace(record, twins={**record.twins, perm_id: Twin(order_id)})
        case ReplaceIntent() as intent:
            last = record.change and replace(record.change, last=None)
            return replace(record, change=Change(intent, record.spec, last), sent=recorded.sequence)
        case ReplaceSettled() as settled:
            return _settled(record, settled)
    return record


def reported(record: Record, report: Reported) -> Record:
    """The record once the gateway has told this; the same where it says nothing new."""
    twin = record.twins.get(report.perm_id)
    if twin is not None:
        told = lifecycle.told_next(twin.told, report.state, overrules=report.overrules)
        return replace(record, twins={**record.twins, report.perm_id: replace(twin, told=told)})
    told = lifecycle.told_next(record.told, report.state, overrules=report.overrules)
    return _summed(
        replace(
            record,
            told=told,
            spec=record.spec.with_changes(report.limit_price, report.quantity),
            perm_id=record.perm_id or report.perm_id or None,
            is_acknowledged=True,
            is_unanswered=False,
            is_absent=False,
            has_worked=record.has_worked or report.state in lifecycle.WORKING,
            told_filled=max(filter(None, (record.told_filled, report.filled)), default=None),
            reason=report.reason or record.reason,
        )
    )


def _settled(record: Record, settled: ReplaceSettled) -> Record:
    if record.change is None:
        return record
    if settled.outcome is Outcome.UNSENT:
        return replace(record, change=record.change.last)
    change = replace(record.change, is_open=False)
    accepted = settled.outcome is Outcome.ACCEPTED
    spec = change.intent.spec if accepted else record.spec
    return _summed(replace(record, change=change, spec=spec, reason=settled.reason))


def traded(record: Record, execution: Execution) -> Record:
    """The record with a trade more, corrected, or with its commission."""
    perm_id = record.perm_id or execution.perm_id or None
    found = replace(record, perm_id=perm_id, is_acknowledged=True, has_worked=True)
    executions = {**record.executions, split_id(execution.execution_id)[0]: execution}
    return _summed(replace(found, is_unanswered=False, is_absent=False, executions=executions))


def _summed(record: Record) -> Record:
    fills = filled(record.spec.legs, record.most_asked, record.executions.values())
    return replace(record, fills=fills, is_filled=0 < record.most_asked <= fills.units)
