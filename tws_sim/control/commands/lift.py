"""End faults."""

from typing import Any

from tws_sim.faults.catalogue import load
from tws_sim.gateway import Gateway


async def run(gateway: Gateway, request: dict[str, Any]) -> dict[str, Any]:
    """``{"lifted": how many}``: those of a ``name``, the one of a ``number``, or all."""
    which = request.get("number", request.get("name"))
    if isinstance(which, str) and which not in load():
        raise ValueError(f"unknown fault {which!r}; known are {', '.join(load())}")
    return {"lifted": await gateway.faults.lift(which)}
