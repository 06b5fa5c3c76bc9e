"""Any course of orders, faults, crashes and hands in TWS: the desk says what the broker's ledger says.

`SPREADMESH_SEEDS=2000` runs so many courses.
"""

import os
import tempfile
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ibkr_server.orders.order import Order
from ibkr_server.orders.spec import OrderSpec
from mesh.errors import MeshError
from tests.ibkr_server.order_machine import truth
from tests.ibkr_server.order_machine.system import CALLER, System
from tws_sim.faults.fault import FaultError
from tws_sim.orders import by_hand
from tws_sim.orders.refusal import RefusedError

COURSES = int(os.environ.get("SPREADMESH_SEEDS", "25"))
IN_MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None

places = st.sampled_from(["0", "0.5", "1", "1.2"]).map(Decimal)
"""Of a limit, from bid to ask: beyond 1 it fills at once."""
LASTING = ["delay", "byte-by-byte", "no-combo-status", "execution-first"]
INSTANT = ["fin", "rst", "replayed-executions", "cancelled-by-hand", "correction"]
STRUCK = ["order-silence", "order-rejected", "accepted-then-cut", "fill-races-cancel", "slow-legs"]
OPTIONS: dict[str, dict[str, object]] = {
    "delay": {"by": 0.075, "jitter": 0.05},
    "slow-legs": {"apart": 3.0},
    "correction": {"price": 1.0},
}


class OrderMachine(RuleBasedStateMachine):
    """Rules are what callers, networks, brokers and people do; between them time passes by `pass_time`."""

    @initialize()
    def begin(self) -> None:
        self._folder = tempfile.TemporaryDirectory(dir=IN_MEMORY)
        self.system = System(Path(self._folder.name))
        self.system.run(self.system.until_ready())
        self.placed: dict[str, OrderSpec] = {}
        self.doubled = False
        self.halted_with: int | None = None

    def _fault(self, name: str, **options: object) -> None:
        with suppress(FaultError):  # there is no such order now
            self.system.run(self.system.gateway.faults.inject(name, **OPTIONS.get(name, {}), **options))

    def _name(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(self.placed)), label="name")

    @rule(quantity=st.integers(1, 3), place=places, waits=st.booleans())
    def place(self, quantity: int, place: Decimal, waits: bool) -> None:
        bid, ask = self.system.run(self.system.quotes())
        limit = (bid + place * (ask - bid)).quantize(Decimal("0.01"))
        name, spec = f"order-{len(self.placed)}", self.system.spec(quantity, limit)
        self.placed[name] = spec
        work = self.system.place(name, spec)
        if waits:
            self.system.run(work)
        else:
            self.system.background(work)

    @precondition(lambda self: self.placed)
    @rule(data=st.data(), place=places)
    def ask_again(self, data: st.DataObject, place: Decimal) -> None:
        name = self._name(data)
        before = self._known(name)
        answer = self.system.run(self.system.place(name, self.placed[name]))
        if isinstance(answer, Order) and before is not None and before.perm_id is not None:
            assert answer.perm_id == before.perm_id

    @precondition(lambda self: self.placed)
    @rule(data=st.data())
    def ask_for_another_under_its_name(self, data: st.DataObject) -> None:
        name = self._name(data)
        known = self._known(name)
        other = self.placed[name].with_changes(None, self.placed[name].quantity + 1)
        answer = self.system.run(self.system.place(name, other))
        if known is not None:
            assert isinstance(answer, MeshError)
        elif isinstance(answer, Order):
            self.placed[name] = other

    @precondition(lambda self: self.placed)
    @rule(data=st.data(), cents=st.integers(-5, 5).filter(bool))
    def replace(self, data: st.DataObject, cents: int) -> None:
        order = self._known(self._name(data))
        if order is not None and order.spec.limit_price is not None:
            limit = order.spec.limit_price + Decimal(cents) / 100
            self._try(
                self.system.trading.desk.replace(
                    order.client_order_id, order.revision + 1, limit, None, "", CALLER
                )
            )

    @precondition(lambda self: self.placed)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        self._try(self.system.trading.desk.cancel(self._name(data), CALLER))

    @rule(cancel_orders=st.booleans())
    def halt(self, cancel_orders: bool) -> None:
        halt, _ = self.system.run(
            self.system.trading.desk.halt("a rule", CALLER, cancel_orders=cancel_orders)
        )
        self.halted_with = len(truth.ours(self.system.ledger()))
        assert self.system.trading.desk.status().halt is not None
        assert halt.reason

    @rule()
    def resume(self) -> None:
        self.halted_with = None
        halt = self.system.trading.desk.status().halt
        if halt is not None:
            self.system.run(self.system.trading.desk.resume(halt.sequence, "a rule", CALLER))

    @rule(name=st.sampled_from(INSTANT))
    def break_at_once(self, name: str) -> None:
        self._fault(name)

    @rule(name=st.sampled_from(LASTING), seconds=st.floats(0.1, 10))
    def break_for_a_while(self, name: str, seconds: float) -> None:
        self._fault(name, seconds=seconds)

    @rule(name=st.sampled_from(["data-lost", "data-kept", "server-broken"]), seconds=st.floats(0.1, 10))
    def break_the_link(self, name: str, seconds: float) -> None:
        self._fault(name, seconds=seconds)

    @rule(request=st.sampled_from(["reqAllOpenOrders", "reqCompletedOrders", "reqExecutions"]))
    def answer_no_list(self, request: str) -> None:
        self._fault("silence", request=request, count=1)

    @rule(name=st.sampled_from(STRUCK))
    def strike_the_next_order(self, name: str) -> None:
        self._fault(name, order_ref=f"order-{len(self.placed)}", seconds=30.0)

    @rule()
    def double_the_next_change(self) -> None:
        self._fault("two-perm-ids", on="modify", seconds=5.0)
        self.doubled = True

    @rule(value=st.one_of(st.integers(0, 5), st.integers(100, 10_000)))
    def name_another_order_id(self, value: int) -> None:
        self._fault("next-order-id", value=value)

    @precondition(lambda self: self.system.gateway.orders.book.live())
    @rule(code=st.sampled_from([105, 161, 201, 321, 329, 399, 10147, 10148, 10349]))
    def cry_wolf(self, code: int) -> None:
        self._fault("error-on-live-order", code=code)

    @precondition(lambda self: self.system.gateway.orders.book.live())
    @rule(data=st.data())
    def cancel_by_hand(self, data: st.DataObject) -> None:
        live = [order.perm_id for order in self.system.gateway.orders.book.live()]
        with suppress(RefusedError):  # it is being cancelled already
            by_hand.cancel(self.system.gateway.orders, data.draw(st.sampled_from(live)))

    @rule()
    def crash(self) -> None:
        self.system.crash()

    @rule(seconds=st.sampled_from([0.01, 0.06, 0.3, 1.0, 4.0, 15.0]))
    def pass_time(self, seconds: float) -> None:
        self.system.pass_time(seconds)

    @invariant()
    def nothing_is_doubled_or_falls(self) -> None:
        if hasattr(self, "system"):
            truth.always(self.system, self.doubled)

    @invariant()
    def nothing_leaves_while_halted(self) -> None:
        if getattr(self, "halted_with", None) is not None:
            assert len(truth.ours(self.system.ledger())) == self.halted_with

    def teardown(self) -> None:
        if not hasattr(self, "system"):
            return
        try:
            self.system.run(self.system.gateway.faults.lift(None))
            self.system.run(self.system.until_ready())
            self.system.pass_time(30)
            self.system.run(self.system.until_ready())
            truth.always(self.system, self.doubled)
            truth.at_rest(self.system)
        finally:
            self.system.close()
            self._folder.cleanup()

    def _known(self, name: str) -> Order | None:
        try:
            return self.system.trading.desk.get(name, None, CALLER)
        except MeshError:
            return None

    def _try(self, work) -> None:  # type: ignore[no-untyped-def]  # a coroutine of either kind
        with suppress(MeshError):  # a refusal
            self.system.run(work)


OrderMachine.TestCase.settings = settings(
    max_examples=COURSES,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
TestOrderMachine = OrderMachine.TestCase
