"""The live orders."""

from typing import Any

from tws_sim.gateway import Gateway
from tws_sim.orders.ledger import order_entry


async def run(gateway: Gateway, request: dict[str, Any]) -> dict[str, Any]:
    """``{"orders": [...]}``, oldest first."""
    return {"orders": [order_entry(order) for order in gateway.orders.book.live()]}
