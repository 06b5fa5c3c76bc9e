"""The faults there are, and those in effect."""

from typing import Any

from tws_sim.faults.catalogue import describe
from tws_sim.gateway import Gateway


async def run(gateway: Gateway, request: dict[str, Any]) -> dict[str, Any]:
    """``{"known": [...], "active": [...]}``."""
    return {"known": describe(), "active": gateway.faults.as_list()}
