"""ControlService: the kill switch."""

from typing import Any

import grpc
from spreadmesh.order.v1 import control_service_pb2 as pb
from spreadmesh.order.v1 import control_service_pb2_grpc

from ibkr_server.desk.desk import OrderDesk
from ibkr_server.risk.gate import RiskGate
from ibkr_server.rpc import order_messages, order_requests
from mesh.access.roles import current_caller

Context = grpc.aio.ServicerContext[Any, Any]


class ControlServicer(control_service_pb2_grpc.ControlServiceServicer):
    """Thin: what it answers lives in the desk."""

    def __init__(self, desk: OrderDesk, gate: RiskGate) -> None:
        self._desk = desk
        self._gate = gate

    async def Halt(  # noqa: N802 - named by the contract
        self, request: pb.HaltRequest, context: Context
    ) -> pb.HaltResponse:
        """Let no new or changed order leave."""
        reason = order_requests.halt_reason(request)
        halt, cancelled = await self._desk.halt(reason, current_caller(), cancel_orders=request.cancel_orders)
        return pb.HaltResponse(halt=order_messages.halt(halt), cancelled_client_order_ids=cancelled)

    async def Resume(  # noqa: N802 - named by the contract
        self, request: pb.ResumeRequest, context: Context
    ) -> pb.ResumeResponse:
        """End a halt."""
        sequence = order_requests.resumption(request)
        await self._desk.resume(sequence, request.reason, current_caller())
        return pb.ResumeResponse()

    async def CancelAllOrders(  # noqa: N802 - named by the contract
        self, request: pb.CancelAllOrdersRequest, context: Context
    ) -> pb.CancelAllOrdersResponse:
        """Cancel every order of the login."""
        order_requests.confirmed(request)
        await self._desk.cancel_everything(current_caller())
        return pb.CancelAllOrdersResponse()

    async def GetTradingStatus(  # noqa: N802 - named by the contract
        self, request: pb.GetTradingStatusRequest, context: Context
    ) -> pb.GetTradingStatusResponse:
        """Whether orders can be placed."""
        limits = [
            pb.RiskLimit(
                name=each.name,
                limit=order_messages.decimal(each.limit),
                unit=each.unit,
                used=order_messages.decimal(each.used),
            )
            for each in self._gate.limits(current_caller())
        ]
        return order_messages.trading_status(self._desk.status(), limits)
