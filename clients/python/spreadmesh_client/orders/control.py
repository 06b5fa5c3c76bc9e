"""Calls of spreadmesh.order.v1.ControlService: the kill switch."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import grpc
from spreadmesh.order.v1.control_service_pb2 import (
    CancelAllOrdersRequest,
    GetTradingStatusRequest,
    GetTradingStatusResponse,
    Halt,
    HaltRequest,
    ResumeRequest,
)
from spreadmesh.order.v1.control_service_pb2_grpc import ControlServiceStub

from mesh.resilience.retry_budget import RetryBudget
from spreadmesh_client.orders.calls import change
from spreadmesh_client.unary import READ_TIMEOUT_SECONDS, read

if TYPE_CHECKING:
    from spreadmesh.order.v1.control_service_pb2_grpc import ControlServiceAsyncStub

CONFIRMATION: Final = "cancel the orders of everybody"


class TradingControl:
    """Whether orders can be placed. Every call raises MeshError with the server's details."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub: ControlServiceAsyncStub = ControlServiceStub(channel)
        self._budget = RetryBudget()

    async def status(self, *, timeout_seconds: float = READ_TIMEOUT_SECONDS) -> GetTradingStatusResponse:
        """Whether orders can be placed, and if not, why; limits and what is used of them."""
        request = GetTradingStatusRequest()
        return await read(self._stub.GetTradingStatus, request, timeout_seconds, self._budget)

    async def halt(
        self, reason: str, *, cancel_orders: bool = False, timeout_seconds: float = READ_TIMEOUT_SECONDS
    ) -> tuple[Halt, Sequence[str]]:
        """Let no new or changed order leave from now on, and perhaps cancel those of the server.

        Returns:
            The halt, and the names of the orders whose cancellation was asked for.

        Raises:
            OutcomeUnknownError: It may have been halted: call it again.
        """
        request = HaltRequest(reason=reason, cancel_orders=cancel_orders)
        answer = await change(self._stub.Halt, request, timeout_seconds)
        return answer.halt, answer.cancelled_client_order_ids

    async def resume(
        self, halt_sequence: int, reason: str, *, timeout_seconds: float = READ_TIMEOUT_SECONDS
    ) -> None:
        """End the halt of that number, which `status` tells; a later one stays.

        Raises:
            OutcomeUnknownError: It may have been ended: ask `status`.
        """
        request = ResumeRequest(halt_sequence=halt_sequence, reason=reason)
        await change(self._stub.Resume, request, timeout_seconds)

    async def cancel_all(self, *, timeout_seconds: float = READ_TIMEOUT_SECONDS) -> None:
        """Cancel every order of the login, those of people and other programs included. Only while halted."""
        request = CancelAllOrdersRequest(confirmation=CONFIRMATION)
        await change(self._stub.CancelAllOrders, request, timeout_seconds)
