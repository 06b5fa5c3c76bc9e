"""ib_insync's session, used for the wire alone: its own books of orders and accounts stay empty.

That bookkeeping takes live orders for cancelled, adds up corrected executions and forgets at a disconnection.
So what the library has decoded goes on at once, in the mesh's own types, and the library keeps nothing of it.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias

from ib_insync import IB, Event, RequestError
from ib_insync.client import Client

from ibkr_server.account.book import AccountBook
from ibkr_server.gateway.order_messages import OrderMessages
from ibkr_server.gateway.wire import Wire, WireDecoder
from ibkr_server.orders.order_ids import FIRST_REQUEST_ID
from mesh.errors import unavailable

Library: TypeAlias = IB
"""What requests are made of."""
Refusal: TypeAlias = RequestError
"""What the library raises where the gateway answers a request with an error."""


class Session:
    """One connection to the gateway; each has a library object of its own."""

    def __init__(self, orders: OrderMessages, account: AccountBook, most_in_a_second: int) -> None:
        """`ended` is set once the gateway has closed it."""
        self.ended = asyncio.Event()
        self.ib = ib = IB()  # type: ignore[no-untyped-call]  # the library's constructor has no annotations
        ib.RaiseRequestErrors = True
        ib.wrapper = wire = Wire(ib, orders, account)
        ib.client = Client(wire)  # type: ignore[no-untyped-call]  # likewise
        ib.client.decoder = WireDecoder(wire)
        ib.client.apiEnd += ib.disconnectedEvent
        # The library's own limit, of 45, behind that of the pacer.
        ib.client.MaxRequests = most_in_a_second
        ib.disconnectedEvent += self.ended.set
        ib.errorEvent.clear()  # the library's handler sends a request past the pacer

    def divert(self, begin: Callable[[Callable[[bytes], object]], Callable[[bytes], None]]) -> None:
        """Feed the socket's bytes to what `begin` returns; it gets the library's own feed."""
        connection = self.ib.client.conn
        feed = begin(connection.hasData.emit)
        connection.hasData = Event("hasData")
        connection.hasData += feed

    async def open(self, host: str, port: int, client_id: int, timeout_seconds: float) -> None:
        """Connect, and hear from the gateway that it answers.

        Raises:
            OSError, TimeoutError: It can't be reached, or says nothing.
        """
        ib = self.ib
        ib.wrapper.clientId = client_id
        await ib.client.connectAsync(host, port, client_id, timeout_seconds)  # type: ignore[no-untyped-call]  # likewise
        ib.client.updateReqId(FIRST_REQUEST_ID)  # type: ignore[no-untyped-call]  # likewise
        if client_id == 0:
            ib.reqAutoOpenOrders(True)
        await ib.reqCurrentTimeAsync()  # what the gateway says of its own connections comes before

    @property
    def is_open(self) -> bool:
        """Whether requests can be made; the library may know of an end before its events tell."""
        return self.ib.isConnected()

    @property
    def can_write(self) -> bool:
        """Whether what is written now leaves at once: nothing waits for a peer that does not read."""
        transport = self.ib.client.conn.transport
        return transport is not None and not transport.is_closing() and not transport.get_write_buffer_size()

    @property
    def server_version(self) -> int:
        """Of the protocol, as agreed on with the gateway."""
        return int(self.ib.client.serverVersion())

    def next_request_id(self) -> int:
        """A number for a request that is no order."""
        return int(self.ib.client.getReqId())

    def write(self, data: bytes) -> None:
        """Write a message to the socket, at once and past every queue.

        Raises:
            MeshError: UNAVAILABLE, and certainly nothing was written.
        """
        if not self.can_write:
            raise unavailable("the gateway does not read what is sent to it", retry_after_seconds=1.0)
        self.ib.client.conn.sendMsg(data)  # type: ignore[no-untyped-call]  # likewise

    def close(self) -> None:
        """End it at once, whatever is still on its way."""
        self.ib.errorEvent.clear()
        transport = self.ib.client.conn.transport
        with suppress(OSError):  # a socket whose peer has gone can't be shut down, and is not to be
            self.ib.disconnect()  # type: ignore[no-untyped-call]  # likewise
        if transport is not None:
            transport.abort()  # a peer that reads nothing would hold the socket for minutes
