"""What happens in a cell: an order under way, its faults, the crash, and the life after."""

import asyncio
import signal
import time
from contextlib import suppress
from decimal import Decimal
from random import Random

import grpc
from spreadmesh.order.v1.order_pb2 import Order, OrderSpec, OrderState

from tests.e2e.order_faults.cells import Broker, Cell, Crash, Network
from tests.e2e.order_faults.oracle import executions_differ, positions_differ
from tests.e2e.order_faults.trader import Trader, vertical
from tests.e2e.order_faults.world import World

NAME = "fault-1"
READY_SECONDS = 30.0
SETTLE_SECONDS = 30.0
INSIST_SECONDS = 30.0
RESTING = {Broker.FILL_RACES_CANCEL, Broker.CANCELLED_BY_HAND, Broker.FALSE_ALARM, Broker.TWO_PERM_IDS}
"""Behaviours that need an order that is not filled at once."""
STANDING = {
    Broker.SILENCE: ("order-silence", {}),
    Broker.REJECTED: ("order-rejected", {}),
    Broker.ACCEPTED_THEN_CUT: ("accepted-then-cut", {}),
    Broker.EXECUTED_FIRST: ("execution-first", {}),
    Broker.FILL_RACES_CANCEL: ("fill-races-cancel", {}),
    Broker.LEGS_APART: ("slow-legs", {"apart": 0.6}),
    Broker.TWO_PERM_IDS: ("two-perm-ids", {"on": "modify"}),
    Broker.NO_STATUS: ("no-combo-status", {}),
}
"""Faults that lie in wait for the order by its name."""
DONE = {
    OrderState.ORDER_STATE_FILLED,
    OrderState.ORDER_STATE_CANCELLED,
    OrderState.ORDER_STATE_REJECTED,
    OrderState.ORDER_STATE_ABSENT,
}


class Scenario:
    """One cell's story. `problems` is what was seen to go wrong on the way."""

    def __init__(self, cell: Cell, seed: int, world: World, trader: Trader, legs: tuple[int, int]) -> None:
        self._cell = cell
        self._world = world
        self._trader = trader
        self._legs = legs
        self._random = Random(f"{seed} {cell}")
        self.problems: list[str] = []
        self.halted = False
        self.reached = False
        self.placed: Order | None = None
        self.ready_seconds = 0.0

    async def first_life(self) -> None:
        """Up to the crash; what is asked for in it may fail, as its server dies."""
        late = self._cell.crash is Crash.MID_RECONCILIATION
        await self._world.start_server("" if late else self._failpoint())
        await self._until_ready()
        self.spec = await self._order()
        await self._lie_in_wait()
        course = asyncio.create_task(self._course())
        network = asyncio.create_task(self._network())
        try:
            self.reached = await self._world.server.until_dead(3.0)
        finally:
            for task in (course, network):
                task.cancel()
            for outcome in await asyncio.gather(course, network, return_exceptions=True):
                self._judge(outcome)
        await self._world.kill_server()
        self._world.simulator.signal(signal.SIGCONT)

    async def second_life(self) -> Order:
        """From the restart until nothing more is to come; returns the order as the server knows it then."""
        if self._cell.crash is Crash.MID_RECONCILIATION:
            await self._world.start_server(self._cell.crash.value)
            self.reached = await self._world.server.until_dead(6.0)
            await self._world.kill_server()
        await self._world.start_server()
        if self._cell.broker is Broker.COMPLETED_SILENT:
            await self._stays_unready()
            await self._world.lift()
        began = time.monotonic()
        await self._until_ready()
        self.ready_seconds = time.monotonic() - began
        await self._resume()
        again = await self._ask_again()
        await self._finish()
        order = await self._settled()
        if self.placed is not None and self.placed.perm_id and again.perm_id != self.placed.perm_id:
            self.problems.append(f"asked again, it is {again.perm_id} and no more {self.placed.perm_id}")
        return order

    def _failpoint(self) -> str:
        """Something is published at the start as well: of the later times, one by chance."""
        crash = self._cell.crash
        return f"{crash.value}:{self._random.randint(2, 6)}" if crash is Crash.BEFORE_PUBLISH else crash.value

    async def _until_ready(self) -> None:
        async with asyncio.timeout(READY_SECONDS):
            while True:
                with suppress(grpc.aio.AioRpcError):
                    status = await self._trader.status()
                    if status.reconciled and status.accounts:
                        return
                await asyncio.sleep(0.02)

    async def _order(self) -> OrderSpec:
        prices = (await self._insist_preview(vertical(*self._legs, Decimal("1.00")))).prices
        natural, mid, tick = (Decimal(p.value) for p in (prices.natural, prices.mid, prices.tick))
        limit = min(mid - 3 * tick, mid * Decimal("0.95")) if self._cell.broker in RESTING else natural
        spec = vertical(*self._legs, limit.quantize(tick))
        self._token = (await self._insist_preview(spec)).token
        return spec

    async def _insist_preview(self, spec: OrderSpec):  # type: ignore[no-untyped-def]  # as the trader's
        return await self._trader.insist(lambda: self._trader.preview(spec), INSIST_SECONDS)

    async def _lie_in_wait(self) -> None:
        broker = self._cell.broker
        if broker in STANDING:
            name, options = STANDING[broker]
            await self._world.fault(name, order_ref=NAME, **options)
        elif broker is Broker.ID_GOES_BACK:
            await self._world.fault("next-order-id", value=1)
        elif broker is Broker.ID_JUMPS:
            await self._world.fault("next-order-id", value=self._random.randint(1000, 100_000))
        elif broker is Broker.COMPLETED_SILENT:
            await self._world.fault("silence", request="reqCompletedOrders")

    async def _course(self) -> None:
        place = self._trader.place(NAME, self.spec, self._token)
        self.placed = await place
        await self._provoke()
        if self._cell.crash is Crash.AFTER_HALT:
            self.halted = True
            await self._trader.halt("a test")
        if self._cell.crash is Crash.MID_RECONCILIATION:
            await self._world.kill_server()

    async def _provoke(self) -> None:
        """Have the broker do what it does in this cell, where the order has to be there for it."""
        broker = self._cell.broker
        if broker is Broker.FILL_RACES_CANCEL:
            await self._trader.cancel(NAME)
        elif broker is Broker.TWO_PERM_IDS:
            limit = Decimal(self.spec.limit_price.value) - Decimal("0.01")
            changed = vertical(*self._legs, limit)
            token = (await self._trader.preview(changed)).token
            await self._trader.replace(NAME, limit, token)
        elif broker is Broker.CORRECTION:
            await self._once_filled()
            await self._world.fault("correction", order_ref=NAME)
        elif broker is Broker.REPLAYED:
            await self._once_filled()
            await self._world.fault("replayed-executions", order_ref=NAME)
        elif broker is Broker.FALSE_ALARM:
            code = self._random.choice([105, 201, 321, 10148])
            await self._once_live()
            await self._world.fault("error-on-live-order", order_ref=NAME, code=code)
        elif broker is Broker.CANCELLED_BY_HAND:
            await self._once_live()
            await self._world.fault("cancelled-by-hand", order_ref=NAME)

    async def _once_filled(self) -> None:
        for _ in range(200):
            if (await self._world.ledger())["executions"]:
                break
            await asyncio.sleep(0.02)

    async def _once_live(self) -> None:
        for _ in range(200):
            if any(order["status"] == "Submitted" for order in (await self._world.ledger())["orders"]):
                break
            await asyncio.sleep(0.02)

    async def _network(self) -> None:
        network, world = self._cell.network, self._world
        if network is Network.JITTER:
            await world.fault("delay", by=0.075, jitter=0.05)
        elif network is Network.BYTE_BY_BYTE:
            await world.fault("byte-by-byte")
        if network in {Network.JITTER, Network.BYTE_BY_BYTE, Network.NONE}:
            return
        await asyncio.sleep(self._random.uniform(0.0, 0.12))
        match network:
            case Network.FIN:
                await world.fault("fin")
            case Network.RST:
                await world.fault("rst")
            case Network.BLACK_HOLE:
                world.simulator.signal(signal.SIGSTOP)
                await asyncio.sleep(0.8)
                world.simulator.signal(signal.SIGCONT)
            case Network.DATA_LOST:
                await world.fault("data-lost", seconds=0.4)
            case Network.DATA_KEPT:
                await world.fault("data-kept", seconds=0.4)
            case Network.REROUTED:
                await world.fault("server-broken", seconds=0.3)
                await asyncio.sleep(0.35)
                await world.fault("port-reset")

    def _judge(self, outcome: object) -> None:
        """Calls of a dying server may fail; anything else is a defect, of the server or of this test."""
        if isinstance(outcome, grpc.aio.AioRpcError):
            if outcome.code() in {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN}:
                self.problems.append(f"a call ended with {outcome.code().name}: {outcome.details()}")
        elif isinstance(outcome, Exception) and not isinstance(outcome, (OSError, AssertionError)):
            self.problems.append(f"{type(outcome).__name__}: {outcome}")

    async def _stays_unready(self) -> None:
        """Without the completed orders nothing may be placed, and nothing that was sent is given up."""
        await asyncio.sleep(1.0)
        with suppress(grpc.aio.AioRpcError):
            status = await self._trader.status()
            if status.reconciled:
                self.problems.append("it was ready without having read the completed orders")

    async def _resume(self) -> None:
        status = await self._trader.status()
        if (
            self.halted
            and self._cell.crash is Crash.AFTER_HALT
            and self.reached
            and not status.HasField("halt")
        ):
            self.problems.append("the halt did not survive the restart")
        if status.HasField("halt") and self._cell.broker is not Broker.TWO_PERM_IDS:
            if not self.halted:
                self.problems.append(f"it has halted by itself: {status.halt.reason}")
            await self._trader.resume(status.halt.sequence)

    async def _ask_again(self) -> Order:
        """The same order under the same name, as a client that never had an answer."""
        try:
            return await self._trader.insist(
                lambda: self._trader.place(NAME, self.spec, self._token), INSIST_SECONDS
            )
        except grpc.aio.AioRpcError as error:
            # A token does not outlive its server; where nothing was sent, the order needs a new one.
            if error.code() is not grpc.StatusCode.FAILED_PRECONDITION:
                raise
        token = (await self._insist_preview(self.spec)).token
        return await self._trader.insist(lambda: self._trader.place(NAME, self.spec, token), INSIST_SECONDS)

    async def _finish(self) -> None:
        """Cancel what would wait for ever; what is being filled may be filled."""
        if self._cell.broker in RESTING:
            try:
                await self._trader.insist(lambda: self._trader.cancel(NAME), INSIST_SECONDS)
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.FAILED_PRECONDITION:
                    raise

    async def _settled(self) -> Order:
        """The order once it is done and everything about it has been heard."""
        order = await self._trader.get(NAME)
        until = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < until:
            order = await self._trader.get(NAME)
            if order.state in DONE and not await self._behind():
                return order
            await asyncio.sleep(0.05)
        self.problems.append(f"not settled in time: {OrderState.Name(order.state)} {order.reason}")
        return order

    async def _behind(self) -> bool:
        ledger = await self._world.ledger()
        return bool(
            executions_differ(ledger, await self._trader.executions(NAME))
            or positions_differ(ledger, await self._trader.positions())
        )
