"""Places an order, once."""

from ibkr_server.desk.leases import Leases
from ibkr_server.desk.ledger import Ledger
from ibkr_server.desk.names import Names
from ibkr_server.desk.ports import Placement, RiskGate
from ibkr_server.desk.readiness import Readiness
from ibkr_server.desk.unsent import forgotten_if_unsent
from ibkr_server.failpoints import Failpoint, crash_at
from ibkr_server.order_settings import OrderSettings
from ibkr_server.orders import tickets
from ibkr_server.orders.broker import Broker
from ibkr_server.orders.events import CancelIntent, Draft, Intent, Unsent
from ibkr_server.orders.order import Order
from ibkr_server.orders.record import Record
from ibkr_server.orders.spec import OrderSpec, request_hash
from mesh.access.roles import Caller
from mesh.errors import MeshError, already_exists, invalid_argument
from mesh.telemetry.steps import step_span


class Placing:
    """checks → same name → ready → not halted → trading enabled → risk → turn → intent → write → answer.

    Between the last look at readiness and halt, the intent on the disk and the write there is no await. So a
    caller that goes away before leaves nothing behind, and after cannot stop it.
    """

    def __init__(
        self,
        ledger: Ledger,
        broker: Broker,
        gate: RiskGate,
        readiness: Readiness,
        leases: Leases,
        names: Names,
        settings: OrderSettings,
    ) -> None:
        self._ledger = ledger
        self._broker = broker
        self._gate = gate
        self._readiness = readiness
        self._leases = leases
        self._names = names
        self._ack_seconds = settings.ack_seconds

    async def place(self, placement: Placement, caller: Caller) -> Order:
        """Send an order unless its name has been used, and wait for the gateway's answer.

        Returns:
            The order; UNKNOWN where the gateway has not answered in time.

        Raises:
            MeshError: As `OrderDesk.place` says; nothing was sent.
        """
        name = placement.client_order_id
        if "/" in name:
            raise invalid_argument("client_order_id", "names with a slash are those of exits")
        wanted = request_hash(placement.spec)
        async with self._names.only(name):
            if self._known(name, wanted, caller) is None:
                await self._may_leave(placement, caller)
                self._send(placement, wanted, caller)
        await self._ledger.until(
            lambda: not self._ledger.book.records[name].is_awaited, 2 * self._ack_seconds
        )
        crash_at(Failpoint.BEFORE_REPLY)
        return self._ledger.book.records[name].order

    def _known(self, name: str, wanted: str, caller: Caller) -> Record | None:
        """The order of this name; None where there is none, or where not a byte of it was written."""
        found = self._ledger.book.records.get(name)
        if found is None:
            return None
        if (found.intent.request_hash, found.intent.owner) != (wanted, caller.name):
            raise already_exists("order", name, "ORDER_NAME_TAKEN", "the name belongs to another order")
        return None if found.is_unsent else found

    async def _may_leave(self, placement: Placement, caller: Caller) -> None:
        self._check(placement, caller)
        book = self._ledger.book
        await self._gate.check(
            placement.spec,
            caller,
            placement.preview_token,
            allow_duplicate=placement.allow_duplicate,
            live_orders=book.live_orders(),
            replacing=None,
        )
        with forgotten_if_unsent(self._gate, placement.spec, caller):
            for _ in range(1 + len(placement.spec.exits())):
                await self._broker.turn()
            self._check(placement, caller)

    def _check(self, placement: Placement, caller: Caller) -> None:
        self._readiness.check()
        if placement.lease_id:
            self._leases.check(placement.lease_id, caller)

    def _send(self, placement: Placement, wanted: str, caller: Caller) -> None:
        """Not a coroutine, on purpose: nothing else happens meanwhile."""
        with step_span("order.send", {"order.client_order_id": placement.client_order_id}) as context:
            with forgotten_if_unsent(self._gate, placement.spec, caller):
                orders = self._intents(placement, wanted, caller, context)
                crash_at(Failpoint.BEFORE_INTENT)
                self._ledger.record(*orders)
            self._gate.placed(placement.spec, caller)
            crash_at(Failpoint.AFTER_INTENT)
            self._write(orders, placement.spec, caller)

    def _write(self, orders: list[tuple[str, Intent]], spec: OrderSpec, caller: Caller) -> None:
        written = 0
        try:
            for ticket in tickets.tickets(orders):
                self._broker.place(ticket)
                written += 1
        except MeshError as error:
            if not written:
                self._gate.withdrawn(spec, caller)
            self._ledger.record(*_cut_short([name for name, _ in orders], written, error.message))
            if not written:
                raise
        crash_at(Failpoint.AFTER_WRITE)

    def _intents(
        self, placement: Placement, wanted: str, caller: Caller, context: bytes
    ) -> list[tuple[str, Intent]]:
        client_id, spec = self._broker.client_id, placement.spec
        at_least = self._ledger.book.unused_id
        numbers = [self._broker.take_order_id(at_least) for _ in range(1 + len(spec.exits()))]
        lease_id, trace = placement.lease_id, context.hex()
        intent = Intent(numbers[0], client_id, spec, wanted, caller.name, lease_id, trace=trace)
        return tickets.intents(placement.client_order_id, intent, numbers)


def _cut_short(names: list[str], written: int, reason: str) -> list[Draft]:
    """An entry without all its exits must not work: it was not set to, and is cancelled."""
    unsent: list[Draft] = [(name, Unsent(reason)) for name in names[written:]]
    return [*unsent, *((name, CancelIntent("desk", "its exits were not sent")) for name in names[:written])]
