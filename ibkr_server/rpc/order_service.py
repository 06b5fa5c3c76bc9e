"""OrderService: checks requests and passes them to the order desk."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any, Final

import grpc
from spreadmesh.order.v1 import (
    account_pb2,
    execution_pb2,
    order_service_pb2_grpc,
    preview_pb2,
    watch_pb2,
)
from spreadmesh.order.v1 import order_service_pb2 as pb

from ibkr_server.account.book import AccountBook
from ibkr_server.desk.desk import OrderDesk
from ibkr_server.rpc import (
    account_messages,
    account_watch,
    order_messages,
    order_requests,
    order_watch,
    preview_messages,
)
from ibkr_server.rpc.order_fields import MAX_PAGE, page_offset, page_token
from mesh.access.roles import current_caller

USUAL_PAGE: Final = 100

Context = grpc.aio.ServicerContext[Any, Any]


class OrderServicer(order_service_pb2_grpc.OrderServiceServicer):
    """Thin: what it answers lives in the desk and the book of accounts."""

    def __init__(self, desk: OrderDesk, accounts: AccountBook, now: Callable[[], datetime]) -> None:
        """`now` gives the host's time, UTC."""
        self._desk = desk
        self._accounts = accounts
        self._now = now

    async def PreviewOrder(  # noqa: N802 - named by the contract
        self, request: preview_pb2.PreviewOrderRequest, context: Context
    ) -> preview_pb2.PreviewOrderResponse:
        """What an order would cost."""
        spec = order_requests.previewed(request, self._now())
        found = await self._desk.preview(spec, current_caller(), request.replaces)
        return preview_messages.preview(found)

    async def PlaceOrder(  # noqa: N802 - named by the contract
        self, request: pb.PlaceOrderRequest, context: Context
    ) -> pb.PlaceOrderResponse:
        """Place an order once."""
        placement = order_requests.placement(request, self._now())
        placed = await self._desk.place(placement, current_caller())
        return pb.PlaceOrderResponse(order=order_messages.order(placed))

    async def ReplaceOrder(  # noqa: N802 - named by the contract
        self, request: pb.ReplaceOrderRequest, context: Context
    ) -> pb.ReplaceOrderResponse:
        """Change a working order."""
        limit_price, quantity = order_requests.replacement(request)
        replaced = await self._desk.replace(
            request.client_order_id,
            request.revision,
            limit_price,
            quantity,
            request.preview_token,
            current_caller(),
        )
        return pb.ReplaceOrderResponse(order=order_messages.order(replaced))

    async def CancelOrder(  # noqa: N802 - named by the contract
        self, request: pb.CancelOrderRequest, context: Context
    ) -> pb.CancelOrderResponse:
        """Ask for a cancellation."""
        client_order_id = order_requests.named(request)
        cancelled = await self._desk.cancel(client_order_id, current_caller())
        return pb.CancelOrderResponse(order=order_messages.order(cancelled))

    async def GetOrder(  # noqa: N802 - named by the contract
        self, request: pb.GetOrderRequest, context: Context
    ) -> pb.GetOrderResponse:
        """One order of the caller's."""
        client_order_id, perm_id = order_requests.order_key(request)
        found = self._desk.get(client_order_id, perm_id, current_caller())
        return pb.GetOrderResponse(order=order_messages.order(found))

    async def ListOrders(  # noqa: N802 - named by the contract
        self, request: pb.ListOrdersRequest, context: Context
    ) -> pb.ListOrdersResponse:
        """Orders of the caller's, the latest first."""
        order_requests.order_page(request)
        page = self._desk.orders(
            current_caller(),
            open_only=request.open_only,
            size=request.page_size or USUAL_PAGE,
            before=page_offset(request.page_token),
        )
        return pb.ListOrdersResponse(
            orders=[order_messages.order(each) for each in page.items],
            next_page_token=page_token(page.next_offset),
        )

    async def WatchOrders(  # noqa: N802 - named by the contract
        self, request: watch_pb2.WatchOrdersRequest, context: Context
    ) -> AsyncIterator[watch_pb2.WatchOrdersResponse]:
        """Every event, numbered."""
        resume = order_requests.resume_point(request)
        with self._desk.watch(current_caller(), resume) as watch:
            async for response in order_watch.answers(watch, lambda: not self._desk.status().reconciled):
                yield response

    async def ListExecutions(  # noqa: N802 - named by the contract
        self, request: execution_pb2.ListExecutionsRequest, context: Context
    ) -> execution_pb2.ListExecutionsResponse:
        """Trades, oldest first."""
        since = order_requests.execution_page(request)
        page = self._desk.executions(
            current_caller(),
            client_order_id=request.client_order_id,
            since=since,
            size=request.page_size or MAX_PAGE,
            after=page_offset(request.page_token) or 0,
        )
        return execution_pb2.ListExecutionsResponse(
            executions=[order_messages.execution(each) for each in page.items],
            next_page_token=page_token(page.next_offset),
        )

    async def ListPositions(  # noqa: N802 - named by the contract
        self, request: account_pb2.ListPositionsRequest, context: Context
    ) -> account_pb2.ListPositionsResponse:
        """What the accounts hold."""
        return account_pb2.ListPositionsResponse(
            positions=account_messages.positions(self._accounts), reconciled=self._accounts.reconciled
        )

    async def WatchPositions(  # noqa: N802 - named by the contract
        self, request: account_pb2.WatchPositionsRequest, context: Context
    ) -> AsyncIterator[account_pb2.WatchPositionsResponse]:
        """The same, and every change."""
        interval = order_requests.positions_interval(request)
        async for response in account_watch.positions(self._accounts, interval):
            yield response

    async def WatchAccount(  # noqa: N802 - named by the contract
        self, request: account_pb2.WatchAccountRequest, context: Context
    ) -> AsyncIterator[account_pb2.WatchAccountResponse]:
        """Values and profit of an account."""
        interval = order_requests.account_interval(request)
        account = account_watch.account_named(self._accounts, request.account)
        async for response in account_watch.account(self._accounts, account, interval):
            yield response

    async def RenewLease(  # noqa: N802 - named by the contract
        self, request: pb.RenewLeaseRequest, context: Context
    ) -> pb.RenewLeaseResponse:
        """Open or extend a lease."""
        seconds = order_requests.renewal(request)
        term = self._desk.leases.renew(request.lease_id, seconds, current_caller())
        return pb.RenewLeaseResponse(
            lease_id=term.lease_id,
            expires_time=order_messages.timestamp(term.expires),
            guarantee=order_messages.guarantee(term.guaranteed),
        )

    async def EndLease(  # noqa: N802 - named by the contract
        self, request: pb.EndLeaseRequest, context: Context
    ) -> pb.EndLeaseResponse:
        """End a lease."""
        lease_id = order_requests.ended(request)
        cancelled = self._desk.leases.end(lease_id, current_caller(), cancel_orders=request.cancel_orders)
        return pb.EndLeaseResponse(
            cancelled_client_order_ids=cancelled.client_order_ids,
            guarantee=order_messages.guarantee(cancelled.guaranteed),
        )
