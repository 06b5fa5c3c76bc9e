"""What a server under load gives up first."""

from enum import Enum
from typing import Final

from mesh.methods import MethodTable

ORDERS: Final = "spreadmesh.order.v1.OrderService"
CONTROL: Final = "spreadmesh.order.v1.ControlService"


class Priority(Enum):
    """How long calls are taken on while the server falls behind."""

    CRITICAL = "critical"
    """Always: orders, cancels, the kill switch."""
    NORMAL = "normal"
    """Until the server is late."""
    BACKGROUND = "background"
    """Until the server is half as late."""


def parse_priority(text: str) -> Priority:
    """Read one of the three by name.

    Raises:
        ValueError: It is none of them.
    """
    try:
        return Priority(text)
    except ValueError:
        names = ", ".join(priority.value for priority in Priority)
        raise ValueError(f"{text!r} is not one of {names}") from None


DEFAULT_PRIORITIES: Final = MethodTable(
    {
        "*": Priority.NORMAL,
        f"{ORDERS}/PreviewOrder": Priority.CRITICAL,
        f"{ORDERS}/PlaceOrder": Priority.CRITICAL,
        f"{ORDERS}/ReplaceOrder": Priority.CRITICAL,
        f"{ORDERS}/CancelOrder": Priority.CRITICAL,
        # A lease that is not renewed in time cancels its orders.
        f"{ORDERS}/RenewLease": Priority.CRITICAL,
        f"{ORDERS}/EndLease": Priority.CRITICAL,
        f"{CONTROL}/*": Priority.CRITICAL,
    }
)
DEFAULT_CALLS: Final[MethodTable[float]] = MethodTable({"*": 256})
