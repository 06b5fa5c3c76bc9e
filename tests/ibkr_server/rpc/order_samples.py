"""A sound request for every RPC of the order services."""

from datetime import UTC, datetime
from typing import Final

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import Timestamp
from spreadmesh.common.v1.decimal_pb2 import Decimal
from spreadmesh.order.v1 import (
    control_service_pb2,
    execution_pb2,
    order_service_pb2,
    preview_pb2,
)
from spreadmesh.order.v1 import order_pb2 as pb

NOW: Final = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
SERVICES: Final = (
    order_service_pb2.DESCRIPTOR.services_by_name["OrderService"],
    control_service_pb2.DESCRIPTOR.services_by_name["ControlService"],
)
METHODS: Final[dict[str, MethodDescriptor]] = {
    method.name: method for service in SERVICES for method in service.methods
}
UNARY: Final = [name for name, method in METHODS.items() if not method.server_streaming]
STREAMS: Final = [name for name, method in METHODS.items() if method.server_streaming]


def path(name: str) -> str:
    """The method as a call names it."""
    method = METHODS[name]
    return f"/{method.containing_service.full_name}/{method.name}"


def request_class(name: str) -> type[Message]:
    return GetMessageClass(METHODS[name].input_type)


def response_class(name: str) -> type[Message]:
    return GetMessageClass(METHODS[name].output_type)


def vertical() -> pb.OrderSpec:
    """Two calls of one underlying, for a debit."""
    return pb.OrderSpec(
        legs=[pb.OrderLeg(con_id=101, ratio=1), pb.OrderLeg(con_id=102, ratio=-1)],
        quantity=2,
        type=pb.ORDER_TYPE_LIMIT,
        limit_price=Decimal(value="1.05"),
        time_in_force=pb.TIME_IN_FORCE_DAY,
    )


def sample(name: str) -> Message:
    """A request that nothing is wrong with by itself."""
    match name:
        case "PreviewOrder":
            return preview_pb2.PreviewOrderRequest(order=vertical())
        case "PlaceOrder":
            return order_service_pb2.PlaceOrderRequest(client_order_id="a-1", order=vertical())
        case "ReplaceOrder":
            return order_service_pb2.ReplaceOrderRequest(
                client_order_id="a-1", revision=1, limit_price=Decimal(value="1.10"), quantity=3
            )
        case "CancelOrder":
            return order_service_pb2.CancelOrderRequest(client_order_id="a-1")
        case "GetOrder":
            return order_service_pb2.GetOrderRequest(client_order_id="a-1")
        case "ListExecutions":
            return execution_pb2.ListExecutionsRequest(since=Timestamp(seconds=1))
        case "RenewLease":
            return order_service_pb2.RenewLeaseRequest(seconds=10)
        case "EndLease":
            return order_service_pb2.EndLeaseRequest(lease_id="lease-1")
        case "Halt":
            return control_service_pb2.HaltRequest(reason="test")
        case "Resume":
            return control_service_pb2.ResumeRequest(halt_sequence=1, reason="test")
        case "CancelAllOrders":
            return control_service_pb2.CancelAllOrdersRequest(confirmation="cancel the orders of everybody")
        case _:
            return request_class(name)()
