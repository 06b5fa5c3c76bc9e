"""Start a fault."""

from typing import Any

from tws_sim.gateway import Gateway


async def run(gateway: Gateway, request: dict[str, Any]) -> dict[str, Any]:
    """``{"fault": number, "tws": "host:port"}`` once it is in effect.

    Raises:
        FaultError: the fault or a parameter is unknown or wrong, or it cannot happen now.
    """
    options = request.get("options", {})
    if not isinstance(request.get("name"), str) or not isinstance(options, dict):
        raise ValueError('it takes a "name" and an object of "options"')
    number = await gateway.faults.inject(request["name"], **options)
    return {"fault": number, "tws": gateway.listener.address}
