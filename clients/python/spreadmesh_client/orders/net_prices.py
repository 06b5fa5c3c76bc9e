"""What an order would cost, before it has a limit."""

from decimal import Decimal
from typing import Final

from spreadmesh.order.v1.order_pb2 import OrderSpec
from spreadmesh.order.v1.preview_pb2 import PriceView

from spreadmesh_client.orders.build import with_limit
from spreadmesh_client.orders.client import OrdersClient
from spreadmesh_client.orders.refusals import fresh_preview, refusal

# On every tick there is. A combo may cost nothing, a single contract may not.
_SOME: Final = Decimal("0.10")


async def net_prices(orders: OrdersClient, spec: OrderSpec) -> PriceView:
    """Natural, mid and tick of an order, whatever its limit, now.

    A preview gives them. It needs a limit; what it says against that one is no matter. Exits are left out, as
    they have to fit to the limit.

    Raises:
        MeshError: FAILED_PRECONDITION where a leg has no quote; what `OrdersClient.preview` raises.
    """
    asked = with_limit(spec, _SOME * (spec.legs[0].ratio if len(spec.legs) == 1 else 0))
    asked.ClearField("bracket")
    preview = await fresh_preview(orders, asked)
    if not preview.HasField("prices"):
        raise refusal([(each.limit, each.description) for each in preview.violations])
    return preview.prices
