"""The two services of orders, ready to be served."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final

from spreadmesh.order.v1 import control_service_pb2, order_service_pb2
from spreadmesh.order.v1.control_service_pb2_grpc import add_ControlServiceServicer_to_server
from spreadmesh.order.v1.order_service_pb2_grpc import add_OrderServiceServicer_to_server

from ibkr_server.account.book import AccountBook
from ibkr_server.desk.desk import OrderDesk
from ibkr_server.risk.gate import RiskGate
from ibkr_server.rpc.control_service import ControlServicer
from ibkr_server.rpc.order_service import OrderServicer
from mesh.server import Service

ORDER_SERVICE: Final = order_service_pb2.DESCRIPTOR.services_by_name["OrderService"].full_name
CONTROL_SERVICE: Final = control_service_pb2.DESCRIPTOR.services_by_name["ControlService"].full_name


def order_services(
    desk: OrderDesk, gate: RiskGate, accounts: AccountBook, now: Callable[[], datetime]
) -> list[Service]:
    """What `mesh.server.serving` takes; `now` gives the host's time, UTC."""
    orders, control = OrderServicer(desk, accounts, now), ControlServicer(desk, gate)
    return [
        Service(ORDER_SERVICE, partial(add_OrderServiceServicer_to_server, orders)),
        Service(CONTROL_SERVICE, partial(add_ControlServiceServicer_to_server, control)),
    ]
