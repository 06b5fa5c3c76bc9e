"""Changes a working order, once for each revision."""

from decimal import Decimal

from ibkr_server.desk.ledger import Ledger
from ibkr_server.desk.names import Names
from ibkr_server.desk.ports import Change, RiskGate
from ibkr_server.desk.readiness import Readiness
from ibkr_server.desk.unsent import forgotten_if_unsent
from ibkr_server.desk.visible import absent, sees
from ibkr_server.failpoints import Failpoint, crash_at
from ibkr_server.order_settings import OrderSettings
from ibkr_server.orders import tickets
from ibkr_server.orders.broker import Broker
from ibkr_server.orders.events import Outcome, ReplaceIntent, ReplaceSettled
from ibkr_server.orders.order import Order, OrderState
from ibkr_server.orders.record import Record
from ibkr_server.orders.spec import OrderSpec, OrderType
from mesh.access.roles import Caller
from mesh.errors import MeshError, already_exists, failed_precondition, invalid_argument
from mesh.telemetry.steps import step_span

_CHANGEABLE = {OrderState.PRE_SUBMITTED, OrderState.SUBMITTED}


class Replacing:
    """The same path as placing; the number of the revision is the key of idempotency.

    A modification that the gateway takes while its link to IB is broken can leave two orders. So nothing is
    changed unless all is READY, and no order of which a change is unanswered.
    """

    def __init__(
        self,
        ledger: Ledger,
        broker: Broker,
        gate: RiskGate,
        readiness: Readiness,
        names: Names,
        settings: OrderSettings,
    ) -> None:
        self._ledger = ledger
        self._broker = broker
        self._gate = gate
        self._readiness = readiness
        self._names = names
        self._ack_seconds = settings.ack_seconds

    async def replace(self, change: Change, caller: Caller) -> Order:
        """Change limit price or quantity, and wait for the gateway's answer.

        Returns:
            The order: with the change; or as it was, and why, where the gateway refused; or as it was, where
            the gateway has not answered in time.

        Raises:
            MeshError: As `OrderDesk.replace` says; nothing was sent.
        """
        name = change.client_order_id
        self._of(name, caller)
        async with self._names.only(name):
            wanted = self._wanted(change, caller)
            if wanted is not None:
                await self._may_leave(change, wanted, caller)
                with step_span("order.send", {"order.client_order_id": name}):
                    self._send(change, caller)
        records = self._ledger.book.records
        await self._ledger.until(lambda: records[name].open_change is None, self._ack_seconds)
        return records[name].order

    def changed_into(self, wanted: OrderSpec, name: str, caller: Caller) -> Order:
        """The order of this name, of which `wanted` is a change.

        Raises:
            MeshError: NOT_FOUND; INVALID_ARGUMENT: more than limit and quantity would change.
        """
        found = self._of(name, caller)
        if found.spec.with_changes(wanted.limit_price, wanted.quantity) != wanted:
            raise invalid_argument("order", f"only limit_price and quantity of {name} can be changed")
        return found.order

    def _wanted(self, change: Change, caller: Caller) -> OrderSpec | None:
        """The order as it will be; None where this very change was sent already."""
        found = self._of(change.client_order_id, caller)
        made = found.change
        if made is not None and made.intent.revision == change.revision:
            if made.before.with_changes(change.limit_price, change.quantity) != made.intent.spec:
                text = "this number belongs to another change"
                raise already_exists("revision", str(change.revision), "REVISION_TAKEN", text)
            return None
        _check_changeable(found, change)
        return found.spec.with_changes(change.limit_price, change.quantity)

    async def _may_leave(self, change: Change, wanted: OrderSpec, caller: Caller) -> None:
        self._readiness.check()
        book = self._ledger.book
        await self._gate.check(
            wanted,
            caller,
            change.preview_token,
            allow_duplicate=True,
            live_orders=book.live_orders(),
            replacing=book.records[change.client_order_id].order,
        )
        with forgotten_if_unsent(self._gate, wanted, caller):
            await self._broker.turn()
            self._readiness.check()
            if self._wanted(change, caller) != wanted:
                raise _busy(change.client_order_id, "it has just changed by itself")

    def _send(self, change: Change, caller: Caller) -> None:
        """Not a coroutine, on purpose: nothing else happens meanwhile."""
        name = change.client_order_id
        found = self._ledger.book.records[name]
        spec = found.spec.with_changes(change.limit_price, change.quantity)
        parent = self._ledger.book.records.get(found.intent.parent)
        ticket = tickets.ticket(name, found.intent, parent.intent.order_id if parent else 0, spec)
        crash_at(Failpoint.BEFORE_INTENT)
        with forgotten_if_unsent(self._gate, spec, caller):
            self._ledger.record((name, ReplaceIntent(change.revision, spec, caller.name)))
        self._gate.placed(spec, caller)
        crash_at(Failpoint.AFTER_INTENT)
        try:
            self._broker.place(ticket)
        except MeshError as error:
            self._gate.withdrawn(spec, caller)
            self._ledger.record((name, ReplaceSettled(change.revision, Outcome.UNSENT, error.message)))
            raise
        crash_at(Failpoint.AFTER_WRITE)

    def _of(self, name: str, caller: Caller) -> Record:
        found = self._ledger.book.records.get(name)
        if found is None or not sees(caller, found.intent.owner):
            raise absent(name)
        return found


def _check_changeable(found: Record, change: Change) -> None:
    name, order = change.client_order_id, found.order
    if order.state.is_done:
        raise failed_precondition("ORDER_DONE", f"order {name}", f"it is {order.state.value}")
    if found.open_change is not None:
        raise _busy(name, f"change {found.open_change.intent.revision} is not answered yet")
    if order.state not in _CHANGEABLE:
        raise _busy(name, f"it is {order.state.value}")
    if change.revision != order.revision + 1:
        text = f"the next revision is {order.revision + 1}"
        raise failed_precondition("REVISION", f"order {name}", text)
    if change.limit_price is not None and found.spec.type is not OrderType.LIMIT:
        raise invalid_argument("limit_price", "only limit orders have one to change")
    if found.spec.with_changes(change.limit_price, change.quantity) == found.spec:
        raise invalid_argument("limit_price", "nothing would change")
    if change.quantity is not None and Decimal(change.quantity) <= order.filled:
        text = f"{order.filled} are filled already"
        raise failed_precondition("QUANTITY_FILLED", f"order {name}", text)


def _busy(name: str, why: str) -> MeshError:
    return failed_precondition("ORDER_BUSY", f"order {name}", f"it can't be changed now: {why}")
