"""A client that does what honest programs do: asks again under the same name until it has an answer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

import grpc
from spreadmesh.order.v1.account_pb2 import ListPositionsRequest
from spreadmesh.order.v1.control_service_pb2 import (
    GetTradingStatusRequest,
    GetTradingStatusResponse,
    HaltRequest,
    ResumeRequest,
)
from spreadmesh.order.v1.control_service_pb2_grpc import ControlServiceStub
from spreadmesh.order.v1.execution_pb2 import Execution, ListExecutionsRequest
from spreadmesh.order.v1.order_pb2 import Order, OrderLeg, OrderSpec, OrderType, TimeInForce
from spreadmesh.order.v1.order_service_pb2 import (
    CancelOrderRequest,
    GetOrderRequest,
    PlaceOrderRequest,
    ReplaceOrderRequest,
)
from spreadmesh.order.v1.order_service_pb2_grpc import OrderServiceStub
from spreadmesh.order.v1.preview_pb2 import PreviewOrderRequest, PreviewOrderResponse
from spreadmesh.order.v1.watch_pb2 import ResumePoint, WatchOrdersRequest

T = TypeVar("T")
CALL_SECONDS = 3.0


@dataclass
class Events:
    """What a reader of WatchOrders has seen over all its streams, and what was wrong with it."""

    epoch: str = ""
    sequence: int = 0
    problems: list[str] = field(default_factory=list)

    def take(self, response: Any) -> None:
        """Hold an answer against the ones before."""
        self.epoch = self.epoch or response.epoch
        if response.epoch != self.epoch:
            self.problems.append(f"the journal's epoch changed from {self.epoch} to {response.epoch}")
        kind = response.WhichOneof("message")
        if kind == "snapshot":
            self.sequence = response.snapshot.sequence
        elif kind == "event":
            event = response.event
            if event.previous_sequence != self.sequence or event.sequence <= self.sequence:
                told = f"{event.sequence} behind {event.previous_sequence}"
                self.problems.append(f"event {told} came after {self.sequence}")
            self.sequence = event.sequence


class Trader:
    """Calls of one client; each attempt has a deadline of its own."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._orders: Any = OrderServiceStub(channel)
        self._control: Any = ControlServiceStub(channel)
        self.events = Events()

    async def insist(self, call: Callable[[], Awaitable[T]], seconds: float) -> T:
        """Repeat a call while the server is away or not ready."""
        async with asyncio.timeout(seconds):
            while True:
                try:
                    return await call()
                except grpc.aio.AioRpcError as error:
                    if error.code() not in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}:
                        raise
                await asyncio.sleep(0.05)

    async def preview(self, spec: OrderSpec) -> PreviewOrderResponse:
        return await self._orders.PreviewOrder(PreviewOrderRequest(order=spec), timeout=CALL_SECONDS + 5)

    async def place(self, name: str, spec: OrderSpec, token: str) -> Order:
        request = PlaceOrderRequest(
            client_order_id=name, order=spec, preview_token=token, allow_duplicate=True
        )
        return (await self._orders.PlaceOrder(request, timeout=CALL_SECONDS)).order

    async def replace(self, name: str, limit: Decimal, token: str) -> Order:
        request = ReplaceOrderRequest(client_order_id=name, revision=1, preview_token=token)
        request.limit_price.value = str(limit)
        return (await self._orders.ReplaceOrder(request, timeout=CALL_SECONDS)).order

    async def cancel(self, name: str) -> Order:
        request = CancelOrderRequest(client_order_id=name)
        return (await self._orders.CancelOrder(request, timeout=CALL_SECONDS)).order

    async def get(self, name: str) -> Order:
        return (
            await self._orders.GetOrder(GetOrderRequest(client_order_id=name), timeout=CALL_SECONDS)
        ).order

    async def executions(self, name: str) -> list[Execution]:
        request = ListExecutionsRequest(client_order_id=name)
        return list((await self._orders.ListExecutions(request, timeout=CALL_SECONDS)).executions)

    async def positions(self) -> dict[int, Decimal]:
        """Quantities by contract; those that are not zero."""
        answer = await self._orders.ListPositions(ListPositionsRequest(), timeout=CALL_SECONDS)
        held = {one.con_id: Decimal(one.quantity.value) for one in answer.positions}
        return {con_id: quantity for con_id, quantity in held.items() if quantity}

    async def halt(self, reason: str) -> None:
        await self._control.Halt(HaltRequest(reason=reason), timeout=CALL_SECONDS)

    async def resume(self, sequence: int) -> None:
        request = ResumeRequest(halt_sequence=sequence, reason="all is well")
        await self._control.Resume(request, timeout=CALL_SECONDS)

    async def status(self) -> GetTradingStatusResponse:
        return await self._control.GetTradingStatus(GetTradingStatusRequest(), timeout=CALL_SECONDS)

    async def follow(self) -> None:
        """Read WatchOrders, over as many streams as it takes, until cancelled."""
        while True:
            request = WatchOrdersRequest()
            if self.events.epoch:
                request.resume.CopyFrom(ResumePoint(epoch=self.events.epoch, sequence=self.events.sequence))
            call = self._orders.WatchOrders(request)
            try:
                async for response in call:
                    self.events.take(response)
            except grpc.aio.AioRpcError as error:
                if error.code() is grpc.StatusCode.OUT_OF_RANGE:
                    self.events.problems.append(f"could not resume: {error.details()}")
                    return
            finally:
                call.cancel()
            await asyncio.sleep(0.02)


def vertical(bought: int, sold: int, limit: Decimal) -> OrderSpec:
    """One spread of two options at a limit, for the day."""
    spec = OrderSpec(
        legs=[OrderLeg(con_id=bought, ratio=1), OrderLeg(con_id=sold, ratio=-1)],
        quantity=1,
        type=OrderType.ORDER_TYPE_LIMIT,
        time_in_force=TimeInForce.TIME_IN_FORCE_DAY,
    )
    spec.limit_price.value = str(limit)
    return spec
