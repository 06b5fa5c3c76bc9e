"""The market's clock."""

from typing import Any

from tws_sim.gateway import Gateway


async def run(gateway: Gateway, request: dict[str, Any]) -> dict[str, Any]:
    """Market time as an ISO 8601 text and in seconds since 1970, and its speed."""
    now = gateway.market.clock.now()
    return {"time": now.isoformat(), "epoch": now.timestamp(), "speed": gateway.market.clock.speed}
