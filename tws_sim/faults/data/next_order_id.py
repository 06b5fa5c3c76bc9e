"""Another next order id."""

from typing import Annotated

from pydantic import Field

from tws_sim.faults.fault import Fault
from tws_sim.gateway import Gateway
from tws_sim.wire.framing import message


class NextOrderId(Fault):
    """nextValidId becomes a number, lower or higher; clients are told at once and whenever they ask."""

    value: Annotated[int, Field(ge=0, le=2**31 - 1, description="The number.")]

    async def begin(self, gateway: Gateway) -> None:
        """Set and tell."""
        gateway.next_order_id = self.value
        for session in gateway.sessions:
            if session.client_id is not None:
                session.send(message(9, 1, self.value))
                session.flush()
