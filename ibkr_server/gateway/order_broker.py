"""The gateway as the order desk uses it: orders, what-ifs and lists over the link's session."""

import asyncio
import math
from collections.abc import Callable, Sequence
from typing import TypeVar

from ibkr_server.failpoints import Failpoint, crash_at, is_armed
from ibkr_server.gateway import order_translation as wire
from ibkr_server.gateway.link import GatewayLink
from ibkr_server.gateway.order_listing import Listing
from ibkr_server.gateway.pacer import Lane
from ibkr_server.orders.broker import BrokerListener, ExecutionReport, OrderReport, Ticket, WhatIf
from ibkr_server.orders.spec import OrderSpec
from mesh.errors import deadline_exceeded, unavailable

T = TypeVar("T")

TURN_SECONDS = 2.0
"""The longest wait for the turn of an order: what is late by more was priced for another market."""
PROOF_SECONDS = 0.25
"""How long ago the gateway may have shown for the last time that it reads, for an order to be sent."""


class GatewayBroker:
    """`Broker` over ib_insync's session; every answer is of the session in which it was asked for."""

    def __init__(
        self, link: GatewayLink, symbol_of: Callable[[int], str], list_seconds: float = 10.0
    ) -> None:
        """`symbol_of` names a contract's underlying, which a combo has to bear; "" where it is not known.

        A list has to be complete within `list_seconds`.
        """
        self._link = link
        self._messages = link.orders
        self._symbol_of = symbol_of
        self._list_seconds = list_seconds

    def listen(self, listener: BrokerListener) -> None:
        """Tell this one all that the gateway says of orders."""
        self._messages.listen(listener)

    @property
    def can_send(self) -> bool:
        """Whether orders reach IB."""
        link = self._link
        return link.ready and not link.is_restart_due and link.session().can_write

    @property
    def is_read_only(self) -> bool:
        """Whether this session has shown that the gateway's API is read-only."""
        return self._messages.is_read_only

    @property
    def connections(self) -> int:
        """Sessions opened since start."""
        return self._link.state.connections

    @property
    def client_id(self) -> int:
        """Ours at the gateway."""
        return self._messages.client_id

    @property
    def accounts(self) -> Sequence[str]:
        """IB's accounts of the login; empty before the first session."""
        return self._messages.accounts

    @property
    def next_order_id(self) -> int:
        """Not lower than what the gateway has named; 0 before the first session."""
        return self._messages.numbers.next

    def take_order_id(self, at_least: int = 0) -> int:
        """A number for an order, which no other order and no what-if has."""
        return self._messages.numbers.take(at_least)

    async def turn(self) -> None:
        """Wait for the turn of one order message, at a gateway that shows that it reads.

        Otherwise an order could lie in the socket of one that has stopped, and be executed when it goes on.

        Raises:
            MeshError: UNAVAILABLE without a session, or where the turn does not come; nothing was sent.
        """
        await self._turn(Lane.ORDERS, PROOF_SECONDS)
        if self._messages.numbers.doubtful:
            self._link.session().write(wire.next_order_id_message(self._version))
            await self._turn(Lane.ORDERS)

    def place(self, ticket: Ticket) -> None:
        """Write a new or changed order to the socket; its turn has been waited for.

        Raises:
            MeshError: UNAVAILABLE or INVALID_ARGUMENT, and certainly not a byte was written.
        """
        self._check_can_send()
        symbol = self._symbol(ticket.spec)
        self._write(wire.place_message(self._version, ticket, symbol))

    def cancel(self, order_id: int) -> None:
        """Write a cancellation, also while orders may not be sent.

        Raises:
            MeshError: UNAVAILABLE, and certainly not a byte was written.
        """
        self._write(wire.cancel_message(self._version, order_id))

    def cancel_everything(self) -> None:
        """Write the global cancel. Raises as `cancel`."""
        self._write(wire.cancel_everything_message(self._version))

    async def what_if(self, spec: OrderSpec, seconds: float = 5.0) -> WhatIf:
        """Ask what an order would do to the account.

        Raises:
            MeshError: DEADLINE_EXCEEDED after `seconds`; UNAVAILABLE; INVALID_ARGUMENT; a GatewayRefusal.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._turn(Lane.REQUESTS)
                self._check_can_send()
                order_id = self.take_order_id()
                data = wire.what_if_message(self._version, order_id, spec, self._symbol(spec))
                return await self._messages.what_ifs.ask(order_id, lambda: self._link.session().write(data))
        except TimeoutError:
            text = f"the gateway has not said within {seconds:g} s what the order would do"
            raise deadline_exceeded("PREVIEW_UNANSWERED", text) from None

    async def open_orders(self) -> list[OrderReport]:
        """Orders of every client and of people.

        Raises:
            MeshError: DEADLINE_EXCEEDED, UNAVAILABLE.
        """
        return await self._list(self._messages.open, wire.open_orders_message)

    async def completed_orders(self) -> list[OrderReport]:
        """Orders that were done today. Raises as `open_orders`."""
        return await self._list(self._messages.completed, wire.completed_orders_message)

    async def executions(self) -> list[ExecutionReport]:
        """Trades of today, each told to the listener too. Raises as `open_orders`, and a GatewayRefusal."""

        def message(version: int) -> bytes:
            request_id = self._messages.executions_id = self._link.session().next_request_id()
            return wire.executions_message(version, request_id)

        return await self._list(self._messages.executions, message)

    async def _list(self, listing: Listing[T], message: Callable[[int], bytes]) -> list[T]:
        return await listing.ask(
            lambda: self._turn(Lane.REQUESTS),
            lambda: self._link.session().write(message(self._version)),
            self._list_seconds,
        )

    async def _turn(self, lane: Lane, proof_seconds: float = math.inf) -> None:
        self._link.session()
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._link.proof_of_life(proof_seconds)
                await self._link.turn(lane)
        except TimeoutError:
            raise unavailable("the gateway does not keep up", retry_after_seconds=1.0) from None

    def _write(self, data: bytes) -> None:
        session = self._link.session()
        session.write(data[: len(data) // 2] if is_armed(Failpoint.MID_WRITE) else data)
        crash_at(Failpoint.MID_WRITE)

    def _check_can_send(self) -> None:
        if not self.can_send:
            raise unavailable("orders don't reach IB now", retry_after_seconds=1.0)

    def _symbol(self, spec: OrderSpec) -> str:
        return self._symbol_of(spec.legs[0].con_id) if spec.is_combo else ""

    @property
    def _version(self) -> int:
        return self._link.session().server_version
