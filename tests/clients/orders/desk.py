"""A small order service on a real channel: one market, one book of orders, numbered events."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, Final

import grpc
from spreadmesh.common.v1.decimal_pb2 import Decimal as DecimalMessage
from spreadmesh.order.v1.execution_pb2 import Execution, ListExecutionsResponse
from spreadmesh.order.v1.order_pb2 import Order, OrderLeg, OrderSpec, OrderState, OrderType, TimeInForce
from spreadmesh.order.v1.order_service_pb2 import (
    CancelOrderResponse,
    GetOrderResponse,
    ListOrdersResponse,
    PlaceOrderResponse,
    ReplaceOrderResponse,
)
from spreadmesh.order.v1.preview_pb2 import LimitViolation, PreviewOrderResponse, PriceView
from spreadmesh.order.v1.watch_pb2 import OrderEvent, OrderSnapshot, WatchOrdersResponse
from spreadmesh_client.orders.states import is_done

from mesh.errors import MeshError, already_exists, failed_precondition, not_found, to_trailers

EPOCH: Final = "journal-1"
SPEC: Final = OrderSpec(
    legs=[OrderLeg(con_id=11, ratio=-1), OrderLeg(con_id=12, ratio=1)],
    quantity=2,
    type=OrderType.ORDER_TYPE_LIMIT,
    time_in_force=TimeInForce.TIME_IN_FORCE_DAY,
)


def amount(text: str | Decimal) -> DecimalMessage:
    return DecimalMessage(value=str(text))


async def refuse(context: Any, error: MeshError) -> None:
    await context.abort(error.code, error.message, to_trailers(error))


class Desk:
    """Serves OrderService; a test replaces what it wants to be otherwise.

    An order is filled once its limit reaches `fills_at`. `before` holds coroutine functions by RPC: each is
    called with request and context before that RPC does its work, and may end it.
    """

    def __init__(self, mid: str = "-1.225", natural: str = "-1.10", fills_at: str | None = None) -> None:
        self.prices = PriceView(
            mid=amount(mid), natural=amount(natural), tick=amount("0.01"), suggested_limit=amount("-1.20")
        )
        self.fills_at = Decimal(fills_at) if fills_at is not None else None
        self.violations: Callable[[Decimal], list[LimitViolation]] = lambda limit: []
        self.before: dict[str, Callable[[Any, Any], Awaitable[None]]] = {}
        self.orders: dict[str, Order] = {}
        self.log: list[tuple[str, str]] = []
        self.commissions = True
        self._sequence = 0
        self._watchers: list[asyncio.Queue[OrderEvent]] = []

    @property
    def sent(self) -> list[str]:
        """The limits that reached the market, in order."""
        return [what for rpc, what in self.log if rpc in {"place", "replace"}]

    def change(self, name: str, **fields: Any) -> Order:
        """Let something happen to an order, and tell whoever watches."""
        order = Order()
        order.CopyFrom(self.orders.get(name, Order(client_order_id=name)))
        previous, self._sequence = self._sequence, self._sequence + 1
        order.MergeFrom(Order(**fields, sequence=self._sequence))
        self.orders[name] = order
        event = OrderEvent(sequence=self._sequence, previous_sequence=previous, order=order)
        for watcher in self._watchers:
            watcher.put_nowait(event)
        return order

    def fill(self, name: str, price: str, quantity: int | None = None) -> Order:
        filled = quantity or self.orders[name].spec.quantity
        whole = filled == self.orders[name].spec.quantity
        return self.change(
            name,
            state=OrderState.ORDER_STATE_FILLED if whole else OrderState.ORDER_STATE_SUBMITTED,
            filled_quantity=amount(str(filled)),
            average_price=amount(price),
            commission=amount("2.60"),
        )

    async def PreviewOrder(self, request: Any, context: Any) -> PreviewOrderResponse:  # noqa: N802 - its name
        await self._before("preview", request, context)
        limit = Decimal(request.order.limit_price.value)
        if request.replaces:
            assert request.replaces in self.orders
        return PreviewOrderResponse(
            token=f"token {request.replaces}{limit}", prices=self.prices, violations=self.violations(limit)
        )

    async def PlaceOrder(self, request: Any, context: Any) -> PlaceOrderResponse:  # noqa: N802 - its name
        name, limit = request.client_order_id, request.order.limit_price.value
        known = self.orders.get(name)
        if known is not None:
            if known.spec != request.order:
                await refuse(context, already_exists("order", name, "OTHER_REQUEST", "another order"))
            return PlaceOrderResponse(order=known)
        await self._before("place", request, context)
        assert request.preview_token == f"token {limit}"
        self.log.append(("place", limit))
        self.change(
            name, spec=request.order, state=OrderState.ORDER_STATE_SUBMITTED, lease_id=request.lease_id,
            filled_quantity=amount("0"), remaining_quantity=amount(str(request.order.quantity)),
        )  # fmt: skip
        return PlaceOrderResponse(order=self._matched(name))

    async def ReplaceOrder(self, request: Any, context: Any) -> ReplaceOrderResponse:  # noqa: N802 - its name
        name, limit = request.client_order_id, request.limit_price.value
        await self._before("replace", request, context)
        if is_done(self.orders[name]):
            await refuse(context, failed_precondition("DONE", name, "it is filled"))
        assert request.revision == self.orders[name].revision + 1
        found = self.violations(Decimal(limit))
        if found:
            await refuse(context, failed_precondition(found[0].limit, "order", found[0].description))
        assert request.preview_token == f"token {name}{limit}"  # of a preview of this change
        self.log.append(("replace", limit))
        self.change(name, spec=OrderSpec(limit_price=amount(limit)), revision=request.revision)
        return ReplaceOrderResponse(order=self._matched(name))

    async def CancelOrder(self, request: Any, context: Any) -> CancelOrderResponse:  # noqa: N802 - its name
        name = request.client_order_id
        self.log.append(("cancel", name))
        await self._before("cancel", request, context)
        if name not in self.orders:
            await refuse(context, not_found("order", name, "no such order"))
        if is_done(self.orders[name]):
            await refuse(context, failed_precondition("DONE", name, "it is filled"))
        asked = self.change(name, state=OrderState.ORDER_STATE_PENDING_CANCEL)
        self.change(name, state=OrderState.ORDER_STATE_CANCELLED)
        return CancelOrderResponse(order=asked)

    async def GetOrder(self, request: Any, context: Any) -> GetOrderResponse:  # noqa: N802 - its name
        await self._before("get", request, context)
        if request.client_order_id not in self.orders:
            await refuse(context, not_found("order", request.client_order_id, "no such order"))
        return GetOrderResponse(order=self.orders[request.client_order_id])

    async def ListOrders(self, request: Any, context: Any) -> ListOrdersResponse:  # noqa: N802 - its name
        names = list(reversed(self.orders))
        start = int(request.page_token or 0)
        end = start + min(request.page_size, 2)
        token = str(end) if end < len(names) else ""
        return ListOrdersResponse(
            orders=[self.orders[name] for name in names[start:end]], next_page_token=token
        )

    async def ListExecutions(self, request: Any, context: Any) -> ListExecutionsResponse:  # noqa: N802 - its name
        order = self.orders[request.client_order_id]
        trades = [
            Execution(execution_id=f"e{leg.con_id}", con_id=leg.con_id, commission=order.commission)
            for leg in order.spec.legs
        ]
        return ListExecutionsResponse(executions=trades if order.HasField("average_price") else [])

    async def WatchOrders(self, request: Any, context: Any) -> None:  # noqa: N802 - its name
        await self._before("watch", request, context)
        watcher: asyncio.Queue[OrderEvent] = asyncio.Queue()
        self._watchers.append(watcher)
        snapshot = OrderSnapshot(orders=self.orders.values(), sequence=self._sequence)
        await context.write(WatchOrdersResponse(epoch=EPOCH, snapshot=snapshot))
        while True:
            await context.write(WatchOrdersResponse(epoch=EPOCH, event=await watcher.get()))

    def _matched(self, name: str) -> Order:
        limit = Decimal(self.orders[name].spec.limit_price.value)
        if self.fills_at is not None and limit >= self.fills_at:
            return self.fill(name, str(self.fills_at))
        return self.orders[name]

    async def _before(self, rpc: str, request: Any, context: Any) -> None:
        if rpc in self.before:
            await self.before[rpc](request, context)


async def unavailable_once(_request: Any, context: Any) -> None:
    """As a connection that breaks: no word of the server's."""
    await context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")
