"""All orders, trades, the halt and the leases: the fold of the journal, and nothing else."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from ibkr_server.orders import lifecycle
from ibkr_server.orders import record as records
from ibkr_server.orders.broker import CommissionReport, ExecutionReport, OrderReport
from ibkr_server.orders.events import (
    Alerted,
    Commissioned,
    Executed,
    ForeignSeen,
    Halted,
    Intent,
    LeaseEnded,
    LeaseGranted,
    Recorded,
    Resumed,
    Twinned,
)
from ibkr_server.orders.fills import split_id
from ibkr_server.orders.order import Execution, Order, OrderState, Origin
from ibkr_server.orders.order_ids import is_order_id
from ibkr_server.orders.record import Record
from ibkr_server.orders.spec import INEXPRESSIBLE


@dataclass(frozen=True, slots=True)
class HaltRecord:
    """Since when, why and by whom nothing is placed."""

    sequence: int
    time: datetime
    event: Halted


@dataclass(slots=True)
class Book:
    """What the journal adds up to. Only `apply` changes it; equal journals make equal books.

    Attributes:
        records: orders of ours by client_order_id, in the order of their intents.
        names: client_order_id by permanent number, of ours.
        numbers: client_order_id by order id, of ours.
        created: every order in the order of creation: by name those of ours, by permanent number others.
        live: names of ours that are not done.
        owing: names of ours with cancellations that are owed.
        lacking: names of ours of which more is filled than the trades that are known add up to.
        foreign: orders made elsewhere by permanent number.
        executions: trades by what they have in common with their corrections.
        commissions: by execution id; they may come before their trade.
        halt: None while orders may be placed.
        leases: those that were granted and have not ended.
        alerts: kind and subject of what was raised.
        highest_id: the highest order id seen, whosever it was.
        sequence: of the last entry.
    """

    records: dict[str, Record] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    numbers: dict[int, str] = field(default_factory=dict)
    created: list[str | int] = field(default_factory=list)
    live: set[str] = field(default_factory=set)
    owing: set[str] = field(default_factory=set)
    lacking: set[str] = field(default_factory=set)
    foreign: dict[int, Order] = field(default_factory=dict)
    executions: dict[str, Execution] = field(default_factory=dict)
    commissions: dict[str, CommissionReport] = field(default_factory=dict)
    halt: HaltRecord | None = None
    leases: dict[str, LeaseGranted] = field(default_factory=dict)
    alerts: set[tuple[str, str]] = field(default_factory=set)
    highest_id: int = 0
    sequence: int = 0

    def apply(self, recorded: Recorded) -> None:
        """Take one more entry; entries come in the order of their sequences."""
        name, event = recorded.client_order_id, recorded.event
        match event:
            case Intent() if name is not None:
                self.numbers[event.order_id] = name
                if name not in self.records:
                    self.created.append(name)
                self._put(records.begun(recorded, event, name))
                self._saw(event.order_id)
            case Executed(trade):
                self._saw(trade.order_id)
                self._traded(recorded, self.execution(trade, name))
            case Commissioned(cost):
                self.commissions[cost.execution_id] = cost
                self._traded(recorded, self.costing(cost))
            case ForeignSeen(report):
                self._foreign(recorded, report)
            case Halted():
                self.halt = HaltRecord(recorded.sequence, recorded.time, event)
            case Resumed():
                self.halt = None
            case LeaseGranted():
                self.leases[event.lease_id] = event
            case LeaseEnded():
                self._end_lease(event.lease_id)
            case Alerted():
                self.alerts.add((event.kind, event.subject))
            case _ if name is not None:
                if isinstance(event, Twinned):
                    self.names[event.perm_id] = name
                self._put(records.applied(self.records[name], recorded))
        self.sequence = recorded.sequence

    def named(self, perm_id: int, order_ref: str, client_id: int) -> Record | None:
        """The order of ours with this permanent number, or else by this name, from its client.

        Completed orders don't tell their client; then the name alone must do.
        """
        name = self.names.get(perm_id)
        if name is not None:
            return self.records[name]
        found = None if perm_id in self.foreign else self.records.get(order_ref)
        return found if found and client_id in {0, found.intent.client_id} else None

    def numbered(self, order_id: int) -> Record | None:
        """The order of ours with this number: for errors, which name nothing else."""
        return self.records.get(self.numbers.get(order_id, ""))

    @property
    def unused_id(self) -> int:
        """An order id above all that are known, as the gateway wants it."""
        return self.highest_id + 1

    def live_records(self) -> list[Record]:
        """Orders of ours that are not done, in the order of their intents."""
        return sorted((self.records[name] for name in self.live), key=lambda found: found.intent.order_id)

    def order(self, key: str | int) -> Order:
        """One order, by its key in `created`."""
        return self.records[key].order if isinstance(key, str) else self.foreign[key]

    def live_orders(self) -> list[Order]:
        """Every order that is not done, of ours and of others."""
        others = [order for order in self.foreign.values() if not order.state.is_done]
        return [found.order for found in self.live_records()] + others

    def _put(self, found: Record) -> None:
        name = found.client_order_id
        self.records[name] = found
        if found.perm_id is not None:
            self.names[found.perm_id] = name
        (self.live.discard if found.is_done else self.live.add)(name)
        (self.lacking.add if found.lacks_fills else self.lacking.discard)(name)
        (self.owing.add if found.owed_cancels else self.owing.discard)(name)

    def _saw(self, order_id: int) -> None:
        if is_order_id(order_id):
            self.highest_id = max(self.highest_id, order_id)

    def execution(self, trade: ExecutionReport, name: str | None) -> Execution:
        """A trade with what is known of its cost; a correction keeps the cost until its own is told."""
        base, _ = split_id(trade.execution_id)
        paid = self.commissions.get(trade.execution_id) or self.executions.get(base)
        return Execution(
            execution_id=trade.execution_id,
            client_order_id=name or trade.order_ref,
            perm_id=trade.perm_id,
            account=trade.account,
            con_id=trade.con_id,
            is_combo=trade.is_combo,
            quantity=trade.quantity,
            price=trade.price,
            time=trade.time,
            exchange=trade.exchange,
            commission=paid.commission if paid else None,
            realized_pnl=paid.realized_pnl if paid else None,
        )

    def costing(self, cost: CommissionReport) -> Execution | None:
        """The trade with this cost; None where it is not known, or corrected since."""
        known = self.executions.get(split_id(cost.execution_id)[0])
        if known is None or known.execution_id != cost.execution_id:
            return None
        return replace(known, commission=cost.commission, realized_pnl=cost.realized_pnl)

    def _traded(self, recorded: Recorded, execution: Execution | None) -> None:
        if execution is None:
            return
        self.executions[split_id(execution.execution_id)[0]] = execution
        found = self.records.get(recorded.client_order_id or "")
        if found is not None:
            number = recorded.sequence
            changed = records.traded(found, execution)
            self._put(replace(changed, sequence=number, heard=number, updated=recorded.time))

    def _foreign(self, recorded: Recorded, report: OrderReport) -> None:
        known = self.foreign.get(report.perm_id)
        if known is None:
            self.created.append(report.perm_id)
        self._saw(report.order_id)
        state = lifecycle.state_of(report.status)
        self.foreign[report.perm_id] = Order(
            client_order_id=report.order_ref,
            order_id=max(report.order_id, 0),
            spec=report.spec or (known.spec if known else INEXPRESSIBLE),
            state=state or (known.state if known else OrderState.UNKNOWN),
            created=known.created if known else recorded.time,
            updated=recorded.time,
            sequence=recorded.sequence,
            perm_id=report.perm_id,
            reason=report.summary,
            filled=report.filled or (known.filled if known else Decimal(0)),
            origin=known.origin if known else _origin(report),
        )

    def _end_lease(self, lease_id: str) -> None:
        self.leases.pop(lease_id, None)
        for name in self.live:
            if self.records[name].lease_id == lease_id:
                self.records[name] = replace(self.records[name], lease_id="")


def _origin(report: OrderReport) -> Origin:
    """Orders entered by hand have no number of a client's; completed ones have none in any case."""
    by_hand = report.order_id <= 0 and not report.order_ref
    return Origin.MANUAL if by_hand else Origin.OTHER_CLIENT
