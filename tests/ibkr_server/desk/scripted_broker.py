"""A gateway in memory that does what a test says: its own ledger is what the desk is held against."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

from ibkr_server.orders.broker import (
    BrokerListener,
    CommissionReport,
    ExecutionReport,
    OrderReport,
    StatusReport,
    Ticket,
    WhatIf,
)
from ibkr_server.orders.spec import OrderSpec
from mesh.errors import deadline_exceeded, failed_precondition, unavailable

T = TypeVar("T")
DONE = {"Filled", "Cancelled", "Inactive"}
ACCOUNT = "DU1"
LATENCY = 0.05


@dataclass
class Held:
    """An order at the gateway."""

    perm_id: int
    client_id: int
    order_id: int
    order_ref: str
    spec: OrderSpec
    status: str = "PreSubmitted"
    filled: Decimal = Decimal(0)

    @property
    def is_live(self) -> bool:
        return self.status not in DONE

    def report(self, *, completed: bool = False) -> OrderReport:
        """As openOrder, or as completedOrder, which has no number and no client."""
        return OrderReport(
            order_id=0 if completed else self.order_id,
            client_id=0 if completed else self.client_id,
            perm_id=self.perm_id,
            order_ref=self.order_ref,
            account=ACCOUNT,
            status=self.status,
            spec=self.spec,
            summary="an order",
            filled=self.filled if completed else None,
        )

    def status_report(self) -> StatusReport:
        counts = (self.filled, self.spec.quantity - self.filled, Decimal(0))
        return StatusReport(self.order_id, self.client_id, self.perm_id, self.status, *counts)


@dataclass
class Behaviour:
    """What the gateway does; tests change it."""

    takes_orders: bool = True
    """An order that is written arrives; else it is lost on its way."""
    answers: bool = True
    """What arrives is acknowledged."""
    refuses_with: int | None = None
    cancels: bool = True
    takes_changes: bool = True
    read_only: bool = False
    unanswered_lists: set[str] = field(default_factory=set)
    list_seconds: float = 1.0
    turn_seconds: float = 0.0
    fails_after_writes: int | None = None
    """So many more writes succeed, then the socket is gone."""


class ScriptedBroker:
    """Implements `Broker`; survives the desk, as a gateway survives our process."""

    client_id = 1
    accounts = (ACCOUNT,)

    def __init__(self) -> None:
        self.behaviour = Behaviour()
        self.listener: BrokerListener | None = None
        self.orders: dict[int, Held] = {}
        self.trades: list[ExecutionReport] = []
        self.costs: dict[str, CommissionReport] = {}
        self.written: list[Ticket] = []
        self.cancelled: list[int] = []
        self.global_cancels = 0
        self.lists_read = 0
        self.connections = 0
        self.can_send = self.is_read_only = False
        self.next_order_id = 1
        self._taken = 0
        self._perm_ids = 1000

    def connect(self) -> None:
        """A new session."""
        self.connections += 1
        self.is_read_only = False
        self._set(can_send=True)

    def cut(self) -> None:
        """The socket is gone: nothing that is under way arrives any more."""
        self._set(can_send=False)

    def restore(self) -> None:
        """1102: the same session, the link is back."""
        self._set(can_send=True)

    def _set(self, *, can_send: bool) -> None:
        self.can_send = can_send
        if self.listener is not None:
            self.listener.connection_changed()

    def take_order_id(self, at_least: int = 0) -> int:
        self._taken = max(self._taken + 1, self.next_order_id, at_least)
        return self._taken

    async def turn(self) -> None:
        await asyncio.sleep(self.behaviour.turn_seconds)
        self._check()

    def place(self, ticket: Ticket) -> None:
        self._check()
        if self.behaviour.fails_after_writes is not None:
            self.behaviour.fails_after_writes -= 1
            if self.behaviour.fails_after_writes < 0:
                raise unavailable("the socket is gone", 1.0)
        self.written.append(ticket)
        if self.behaviour.takes_orders:
            self._soon(lambda: self._taken_in(ticket))

    def cancel(self, order_id: int) -> None:
        self._check()
        self.cancelled.append(order_id)
        if self.behaviour.cancels:
            self._soon(lambda: self._cancel(order_id))

    def cancel_everything(self) -> None:
        self._check()
        self.global_cancels += 1
        for held in list(self.live()):
            self.tell_status(held, "Cancelled")

    async def what_if(self, spec: OrderSpec, seconds: float) -> WhatIf:
        raise unavailable("not asked here", 1.0)

    async def open_orders(self) -> list[OrderReport]:
        self.lists_read += 1
        return await self._listed("open", lambda: [held.report() for held in self.live()])

    async def completed_orders(self) -> list[OrderReport]:
        def done() -> list[OrderReport]:
            return [held.report(completed=True) for held in self.orders.values() if not held.is_live]

        return await self._listed("completed", done)

    async def executions(self) -> list[ExecutionReport]:
        found = await self._listed("executions", lambda: list(self.trades))
        for trade in found:
            cost = self.costs.get(trade.execution_id)
            if cost is not None:
                self._heard().commission_reported(cost)
        return found

    async def _listed(self, name: str, read: Callable[[], list[T]]) -> list[T]:
        session = self.connections
        found = read()
        await asyncio.sleep(self.behaviour.list_seconds / 3)
        if name in self.behaviour.unanswered_lists:
            await asyncio.sleep(10)
            raise deadline_exceeded("GATEWAY_SILENT", f"no list of {name}")
        self._check()
        if self.behaviour.read_only:
            self.is_read_only = True
            raise failed_precondition("IB_321", "gateway", "Read-Only mode")
        if session != self.connections:
            raise unavailable("the connection was lost", 1.0)
        return found

    def _check(self) -> None:
        if not self.can_send:
            raise unavailable("orders don't reach IB", 1.0)

    def live(self) -> Iterable[Held]:
        return (held for held in self.orders.values() if held.is_live)

    def of(self, order_ref: str) -> Held:
        (found,) = (held for held in self.orders.values() if held.order_ref == order_ref)
        return found

    def admit(self, ticket: Ticket, client_id: int = 1) -> Held:
        """An order is at the gateway now, and nobody has been told."""
        self._perm_ids += 1
        spec = ticket.spec.reversed() if ticket.is_exit else ticket.spec
        held = Held(self._perm_ids, client_id, ticket.order_id, ticket.order_ref, spec)
        self.orders[held.perm_id] = held
        return held

    def tell_order(self, held: Held) -> None:
        if self.can_send:
            self._heard().order_reported(held.report())

    def tell_status(self, held: Held, status: str | None = None) -> None:
        held.status = status or held.status
        if self.can_send:
            self._heard().status_reported(held.status_report())

    def tell_error(self, order_id: int, code: int, text: str = "an error") -> None:
        if self.can_send:
            self._heard().order_error(order_id, code, text)

    def fill(self, order_ref: str, units: int = 1, price: str = "1.00") -> None:
        """Every leg of so many units is traded: trades, their costs and the status are told."""
        held = self.of(order_ref)
        for position in range(len(held.spec.legs)):
            self.trade(held, position, units, price)
        held.filled += units
        self.tell_status(held, "Filled" if held.filled == held.spec.quantity else "Submitted")

    def trade(self, held: Held, leg: int, units: int = 1, price: str = "1.00", execution_id: str = "") -> str:
        """One leg is traded."""
        contract = held.spec.legs[leg]
        name = execution_id or f"0000e0d5.{len(self.trades) + 1:08x}.{leg + 1:02d}.01"
        trade = ExecutionReport(
            execution_id=name,
            order_id=held.order_id,
            client_id=held.client_id,
            perm_id=held.perm_id,
            order_ref=held.order_ref,
            account=ACCOUNT,
            con_id=contract.con_id,
            is_combo=False,
            quantity=Decimal(units * contract.ratio),
            price=Decimal(price),
            time=datetime(2026, 11, 20, 15, 0, tzinfo=UTC),
            exchange="CBOE",
        )
        self.trades.append(trade)
        self.costs[name] = CommissionReport(name, Decimal("0.65"), None)
        if self.can_send:
            self._heard().executed(trade)
            self._heard().commission_reported(self.costs[name])
        return name

    def correct(self, execution_id: str, units: int) -> None:
        """A trade is corrected to so many units."""
        old = next(trade for trade in self.trades if trade.execution_id == execution_id)
        base, _, number = execution_id.rpartition(".")
        sign = 1 if old.quantity > 0 else -1
        new = replace(old, execution_id=f"{base}.{int(number) + 1:02d}", quantity=Decimal(units * sign))
        self.trades.append(new)
        if self.can_send:
            self._heard().executed(new)

    def _taken_in(self, ticket: Ticket) -> None:
        known = next((held for held in self.live() if held.order_id == ticket.order_id), None)
        if known is not None:
            self._changed(known, ticket)
            return
        if self.behaviour.refuses_with is not None:
            self.tell_error(ticket.order_id, self.behaviour.refuses_with)
            return
        held = self.admit(ticket)
        if self.behaviour.answers:
            self.tell_order(held)
            self.tell_status(held, "Submitted")

    def _changed(self, held: Held, ticket: Ticket) -> None:
        if self.behaviour.takes_changes:
            held.spec = ticket.spec.reversed() if ticket.is_exit else ticket.spec
        if self.behaviour.answers:
            self.tell_order(held)

    def _cancel(self, order_id: int) -> None:
        """Of two orders with one number, one is cancelled at a time."""
        held = next((held for held in self.live() if held.order_id == order_id), None)
        if held is None:
            self.tell_error(order_id, 10147, "not found")
        else:
            self.tell_status(held, "Cancelled")
            self.tell_error(order_id, 202, "Order Canceled")

    def _soon(self, act: Callable[[], None]) -> None:
        """What was written arrives, also where the answer finds nobody."""
        asyncio.get_running_loop().call_later(LATENCY, act)

    def _heard(self) -> BrokerListener:
        assert self.listener is not None
        return self.listener
