"""Calls of spreadmesh.order.v1.OrderService."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import grpc
from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.order.v1.account_pb2 import Account, ListPositionsRequest, PositionSnapshot
from spreadmesh.order.v1.execution_pb2 import Execution, ListExecutionsRequest
from spreadmesh.order.v1.order_pb2 import Order, OrderSpec
from spreadmesh.order.v1.order_service_pb2 import (
    CancelOrderRequest,
    GetOrderRequest,
    ListOrdersRequest,
    PlaceOrderRequest,
    ReplaceOrderRequest,
)
from spreadmesh.order.v1.order_service_pb2_grpc import OrderServiceStub
from spreadmesh.order.v1.preview_pb2 import PreviewOrderRequest, PreviewOrderResponse
from spreadmesh.order.v1.watch_pb2 import ResumePoint

from mesh.resilience.retry_budget import RetryBudget
from spreadmesh_client.orders.account import watch_account, watch_positions
from spreadmesh_client.orders.calls import change
from spreadmesh_client.orders.decimals import to_message
from spreadmesh_client.orders.lease import LEASE_SECONDS, Lease, hold_lease
from spreadmesh_client.orders.stream import OrderStream
from spreadmesh_client.streams import DEFAULT_LIMITS, StreamLimits
from spreadmesh_client.unary import READ_TIMEOUT_SECONDS, read

if TYPE_CHECKING:
    from spreadmesh.order.v1.order_service_pb2_grpc import OrderServiceAsyncStub

CHANGE_TIMEOUT_SECONDS: Final = 20.0
PAGE_SIZE: Final = 1000


class OrdersClient:
    """Orders, their trades, positions and the account. Every call raises MeshError with the server's details.

    Calls that change an order are repeated as they are on UNAVAILABLE, within their deadline: the server
    does each once. Where it stays unknown whether it did, they raise OutcomeUnknownError.
    """

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub: OrderServiceAsyncStub = OrderServiceStub(channel)
        self._budget = RetryBudget()

    async def preview(
        self, order: OrderSpec, *, replaces: str = "", timeout_seconds: float = READ_TIMEOUT_SECONDS
    ) -> PreviewOrderResponse:
        """What an order would cost and what speaks against it, and the token that `place` wants.

        `replaces` is the client_order_id of the order that it would change; its token is for `replace`.
        """
        request = PreviewOrderRequest(order=order, replaces=replaces)
        return await read(self._stub.PreviewOrder, request, timeout_seconds, self._budget)

    async def place(
        self,
        order: OrderSpec,
        *,
        client_order_id: str,
        preview_token: str = "",
        allow_duplicate: bool = False,
        lease_id: str = "",
        timeout_seconds: float = CHANGE_TIMEOUT_SECONDS,
    ) -> Order:
        """Place an order once, however often this is called with the same name and order.

        Args:
            order: What to trade.
            client_order_id: Its name, from `new_client_order_id`; note it before, to ask for it later.
            preview_token: Of a preview of this very order.
            allow_duplicate: Although an identical order was placed within the last seconds.
            lease_id: Cancel it when this lease runs out.
            timeout_seconds: Deadline over all attempts, a minute at most.

        Raises:
            OutcomeUnknownError: It may have been placed: ask `get`.
        """
        request = PlaceOrderRequest(
            client_order_id=client_order_id,
            order=order,
            preview_token=preview_token,
            allow_duplicate=allow_duplicate,
            lease_id=lease_id,
        )
        return (await change(self._stub.PlaceOrder, request, timeout_seconds)).order

    async def replace(
        self,
        client_order_id: str,
        revision: int,
        *,
        limit_price: Decimal | None = None,
        quantity: int | None = None,
        preview_token: str = "",
        timeout_seconds: float = CHANGE_TIMEOUT_SECONDS,
    ) -> Order:
        """Change limit or quantity; `revision` is one more than the order's, and None keeps a value.

        Raises:
            OutcomeUnknownError: It may have been changed: ask `get`.
        """
        request = ReplaceOrderRequest(
            client_order_id=client_order_id,
            revision=revision,
            limit_price=to_message(limit_price),
            quantity=quantity,
            preview_token=preview_token,
        )
        return (await change(self._stub.ReplaceOrder, request, timeout_seconds)).order

    async def cancel(self, client_order_id: str, *, timeout_seconds: float = CHANGE_TIMEOUT_SECONDS) -> Order:
        """Ask for an order to be cancelled; while it is PENDING_CANCEL it may still be filled.

        Raises:
            OutcomeUnknownError: It may have been asked for: ask `get`.
        """
        request = CancelOrderRequest(client_order_id=client_order_id)
        return (await change(self._stub.CancelOrder, request, timeout_seconds)).order

    async def get(
        self,
        client_order_id: str = "",
        *,
        perm_id: int | None = None,
        timeout_seconds: float = READ_TIMEOUT_SECONDS,
    ) -> Order:
        """One order of the caller's, by its name or by IB's permanent number."""
        request = GetOrderRequest(client_order_id=client_order_id)
        if perm_id is not None:
            request.perm_id = perm_id
        return (await read(self._stub.GetOrder, request, timeout_seconds, self._budget)).order

    async def list(
        self,
        *,
        open_only: bool = False,
        most: int = 100,
        timeout_seconds: float = READ_TIMEOUT_SECONDS,
    ) -> Sequence[Order]:
        """The latest orders, the last one first; `open_only` leaves out those that are done."""
        found: list[Order] = []
        request = ListOrdersRequest(open_only=open_only)
        while len(found) < most:
            request.page_size = min(most - len(found), PAGE_SIZE)
            answer = await read(self._stub.ListOrders, request, timeout_seconds, self._budget)
            found.extend(answer.orders)
            request.page_token = answer.next_page_token
            if not answer.next_page_token:
                break
        return found

    async def executions(
        self,
        client_order_id: str = "",
        *,
        since: datetime | None = None,
        timeout_seconds: float = READ_TIMEOUT_SECONDS,
    ) -> Sequence[Execution]:
        """Trades, oldest first: of one order or of all, and all of them or those since a moment."""
        found: list[Execution] = []
        request = ListExecutionsRequest(client_order_id=client_order_id, page_size=PAGE_SIZE)
        if since is not None:
            request.since.FromDatetime(since)
        while True:
            answer = await read(self._stub.ListExecutions, request, timeout_seconds, self._budget)
            found.extend(answer.executions)
            request.page_token = answer.next_page_token
            if not answer.next_page_token:
                return found

    async def positions(self, *, timeout_seconds: float = READ_TIMEOUT_SECONDS) -> PositionSnapshot:
        """What the accounts hold, and whether that was held against the gateway's list."""
        request = ListPositionsRequest()
        answer = await read(self._stub.ListPositions, request, timeout_seconds, self._budget)
        return PositionSnapshot(positions=answer.positions, reconciled=answer.reconciled)

    def watch(
        self, *, resume: ResumePoint | None = None, limits: StreamLimits = DEFAULT_LIMITS
    ) -> OrderStream:
        """All that happens to orders, for `async with` and `async for`: a snapshot, then each event.

        Args:
            resume: Go on behind this point (`OrderStream.point`) of an earlier stream, without a snapshot.
            limits: How long to wait for the server.
        """
        return OrderStream(self._stub, resume, limits)

    def watch_positions(
        self, *, min_interval_seconds: float | None = None, limits: StreamLimits = DEFAULT_LIMITS
    ) -> AsyncGenerator[PositionSnapshot | Heartbeat, None]:
        """All positions, whenever one has changed; the latest wins. Use with `aclosing`."""
        return watch_positions(self._stub, min_interval_seconds, limits)

    def watch_account(
        self,
        account: str = "",
        *,
        min_interval_seconds: float | None = None,
        limits: StreamLimits = DEFAULT_LIMITS,
    ) -> AsyncGenerator[Account | Heartbeat, None]:
        """Values and profit of an account whenever they change; the latest wins. Use with `aclosing`."""
        return watch_account(self._stub, account, min_interval_seconds, limits)

    def lease(
        self, seconds: float = LEASE_SECONDS, *, keep_orders: bool = False
    ) -> AbstractAsyncContextManager[Lease]:
        """Orders placed under the lease of this block are cancelled when the program is gone for so long.

        It is renewed every third of its term. At the end of the block its orders are cancelled, unless
        `keep_orders` is set and the block has ended well.

        Raises:
            LeaseLostError: In the block: it could not be renewed and has run out.
        """
        return hold_lease(self._stub, seconds, keep_orders=keep_orders)
