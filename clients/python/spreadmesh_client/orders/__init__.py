"""Orders, from a ranked spread to a fill. Everything a program needs is here by name."""

from spreadmesh_client.orders.build import closing_order, reversed_order, spread_order
from spreadmesh_client.orders.client import OrdersClient
from spreadmesh_client.orders.control import TradingControl
from spreadmesh_client.orders.errors import LeaseLostError, OutcomeUnknownError
from spreadmesh_client.orders.execute import Outcome, execute, plan_limits
from spreadmesh_client.orders.lease import Lease
from spreadmesh_client.orders.names import new_client_order_id
from spreadmesh_client.orders.stream import Gap, OrderStream
from spreadmesh_client.orders.walk import WalkPolicy, walk_limits

__all__ = [
    "Gap",
    "Lease",
    "LeaseLostError",
    "OrderStream",
    "OrdersClient",
    "Outcome",
    "OutcomeUnknownError",
    "TradingControl",
    "WalkPolicy",
    "closing_order",
    "execute",
    "new_client_order_id",
    "plan_limits",
    "reversed_order",
    "spread_order",
    "walk_limits",
]
