"""What the simulator has counted so far, per client id and in total."""

from typing import Any

from tws_sim.gateway import Gateway


async def run(gateway: Gateway, request: dict[str, Any]) -> dict[str, Any]:
    """``{"total": {...}, "clients": {"<client id>": {...}}}``."""
    return gateway.counters.as_dict()
