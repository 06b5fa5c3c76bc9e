"""Anything in any order: callers, cuts, silences, restarts, fills. Once healed, desk and gateway agree."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ibkr_server.desk.desk import OrderDesk
from ibkr_server.desk.ledger import Ledger
from ibkr_server.orders.fills import split_id
from ibkr_server.orders.order import OrderState
from tests.ibkr_server.desk.scripted_broker import Behaviour, Held
from tests.ibkr_server.desk.world import ALICE, OPERATOR, World, placement, spread, until
from tests.virtual_time import run

NAMES = ("a", "b", "c")
STATES = {
    "PreSubmitted": {OrderState.PRE_SUBMITTED, OrderState.PENDING_CANCEL},
    "Submitted": {OrderState.SUBMITTED, OrderState.PENDING_CANCEL},
    "Cancelled": {OrderState.CANCELLED},
    "Filled": {OrderState.FILLED},
}
OF_ORDERS = ("place", "cancel", "replace", "fill", "leg", "by hand")
OF_THE_DESK = ("cut", "restore", "connect", "restart", "abandon", "halt", "resume", "heal")
SWITCHES = ("takes_orders", "answers", "cancels", "takes_changes", "open", "completed", "executions")
ACTIONS = st.one_of(
    st.tuples(st.sampled_from(OF_ORDERS), st.sampled_from(NAMES)),
    st.tuples(st.sampled_from(OF_THE_DESK + SWITCHES)),
    st.tuples(st.just("sleep"), st.sampled_from([0.01, 0.04, 0.3, 2.0, 6.0])),
)


class Play:
    """Carries actions out; whatever is refused is refused."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.calls: list[asyncio.Task[object]] = []
        self.desk: OrderDesk
        self._life = AsyncExitStack()
        self._revisions: Counter[str] = Counter()
        self.sent_while_halted = 0

    async def begin(self) -> None:
        self.desk = await self._life.enter_async_context(self.world.desk(ready=False))
        self.world.broker.connect()
        self._watch_halts()

    async def end(self) -> None:
        for call in self.calls:
            call.cancel()
        await asyncio.gather(*self.calls, return_exceptions=True)
        await self._life.aclose()

    async def act(self, action: str, *rest: object) -> None:
        broker, behaviour = self.world.broker, self.world.broker.behaviour
        match action, rest:
            case "sleep", (float(seconds),):
                await asyncio.sleep(seconds)
            case "restart", _:
                before = self.desk._ledger.book
                await self.end()
                await self.begin()
                assert [*self.desk._ledger.book.records] == [*before.records]
            case "abandon", _ if self.calls:
                self.calls.pop().cancel()
            case "cut" | "restore" | "connect", _:
                getattr(broker, action)()
            case "heal", _:
                broker.behaviour = Behaviour()
            case "open" | "completed" | "executions", _:
                behaviour.unanswered_lists ^= {action}
            case "takes_orders" | "answers" | "cancels" | "takes_changes", _:
                setattr(behaviour, action, not getattr(behaviour, action))
            case "halt", _:
                await self.desk.halt("chaos", ALICE, cancel_orders=False)
            case "resume", _:
                halt = self.desk.status().halt
                await self.desk.resume(halt.sequence if halt else 0, "", OPERATOR)
            case _, (str(name),):
                self._on_order(action, name)

    def _on_order(self, action: str, name: str) -> None:
        match action:
            case "place":
                self._call(self.desk.place(placement(name, spread(3)), ALICE))
            case "cancel":
                self._call(self.desk.cancel(name, ALICE))
            case "replace":
                self._revisions[name] += 1
                limit = Decimal("1.20") + self._revisions[name] * Decimal("0.05")
                revision = self.desk._ledger.book.records[name].order.revision + 1 if self._knows(name) else 1
                self._call(self.desk.replace(name, revision, limit, None, "", ALICE))
            case _:
                for held in [each for each in self.world.broker.live() if each.order_ref == name]:
                    self._at_gateway(action, held)

    def _at_gateway(self, action: str, held: Held) -> None:
        broker = self.world.broker
        if action == "fill" and not any(each.order_ref == held.order_ref for each in broker.trades):
            broker.fill(held.order_ref)
        elif action == "leg":
            sides = Counter(trade.con_id for trade in broker.trades if trade.perm_id == held.perm_id)
            if sides[101] < held.spec.quantity:
                broker.trade(held, 0)
        elif action == "by hand":
            broker.tell_status(held, "Cancelled")

    def _call(self, call: object) -> None:
        self.calls.append(asyncio.ensure_future(call))  # type: ignore[arg-type]  # all are coroutines

    def _knows(self, name: str) -> bool:
        return name in self.desk._ledger.book.records

    def _watch_halts(self) -> None:
        place = type(self.world.broker).place

        def watched(ticket: object) -> None:
            self.sent_while_halted += self.desk.status().halt is not None
            place(self.world.broker, ticket)  # type: ignore[arg-type]  # passed on

        self.world.broker.place = watched  # type: ignore[method-assign]  # a spy

    async def heal(self) -> None:
        """All works again; the desk is given the time that it takes."""
        self.world.broker.behaviour = Behaviour()
        self.world.broker.connect()
        await until(lambda: self.desk.status().reconciled, 120)
        await asyncio.sleep(150)
        await asyncio.gather(*self.calls, return_exceptions=True)


async def played(actions: list[tuple[object, ...]], check: Callable[[Play], None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        play = Play(Path(folder))
        await play.begin()
        try:
            for action, *rest in actions:
                await play.act(str(action), *rest)
            await play.heal()
            check(play)
        finally:
            await play.end()


def agree(play: Play) -> None:
    """The desk's orders and trades are the gateway's."""
    broker, book = play.world.broker, play.desk._ledger.book
    assert play.sent_while_halted == 0
    assert all(count == 1 for count in Counter(held.order_ref for held in broker.orders.values()).values())
    first = {ticket.order_id: ticket.order_ref for ticket in broker.written}
    assert len(set(first.values())) == len(first), "a name was sent under two numbers"
    at_gateway = {held.order_ref: held for held in broker.orders.values()}
    assert set(at_gateway) <= set(book.records)
    for name, found in book.records.items():
        held = at_gateway.get(name)
        if held is None:
            assert found.state in {OrderState.ABSENT, OrderState.REJECTED}, name
            continue
        assert found.state in STATES[held.status], (name, held)
        assert found.perm_id == held.perm_id
        assert not (found.cancel_wanted and held.is_live)
        if held.is_live:
            assert found.spec == held.spec
    trades = {split_id(each.execution_id)[0]: each.quantity for each in broker.trades}
    assert {base: each.quantity for base, each in book.executions.items()} == trades
    again = Ledger(play.desk._ledger.journal, play.world.now)
    assert again.book == book


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ACTIONS, max_size=40))
def test_desk_and_gateway_agree_in_the_end(actions):
    run(played(actions, agree))
