"""An order entered, changed or cancelled by hand, as in TWS itself."""

from typing import Any

from tws_sim.gateway import Gateway
from tws_sim.orders import by_hand
from tws_sim.orders.ledger import order_entry


async def run(gateway: Gateway, request: dict[str, Any]) -> dict[str, Any]:
    """``{"order": {...}}`` as it is now. ``do`` is place, modify or cancel; the rest are its parameters.

    Raises:
        ValueError: a parameter is missing or wrong, or it is not done.
    """
    engine = gateway.orders
    given = {name: value for name, value in request.items() if name not in {"command", "do"}}
    match request.get("do"):
        case "place":
            order = by_hand.place(engine, by_hand.Placement.model_validate(given))
        case "modify":
            order = by_hand.change(engine, by_hand.Change.model_validate(given))
        case "cancel":
            order = by_hand.cancel(engine, int(given["perm_id"]))
        case other:
            raise ValueError(f"do is place, modify or cancel, not {other!r}")
    return {"order": order_entry(order)}
