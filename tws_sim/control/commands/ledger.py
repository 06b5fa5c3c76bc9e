"""Everything that has become of every order."""

from typing import Any

from tws_sim.gateway import Gateway
from tws_sim.orders.ledger import ledger


async def run(gateway: Gateway, request: dict[str, Any]) -> dict[str, Any]:
    """``{"orders": [...], "executions": [...]}``, with every order's history."""
    return ledger(gateway.orders.book)
