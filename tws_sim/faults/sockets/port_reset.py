"""The port is changed in the gateway's settings."""

from typing import Annotated

from pydantic import Field

from tws_sim.faults.fault import Fault, FaultError
from tws_sim.gateway import Gateway


class PortReset(Fault):
    """Notice 1300, then every connection ends; the gateway goes on, on another port if one is given."""

    port: Annotated[
        int | None, Field(ge=0, le=65535, description="The new port, 0 any free one; the same if absent.")
    ] = None

    async def begin(self, gateway: Gateway) -> None:
        """Move, tell, close."""
        if self.port is not None:
            try:
                await gateway.listener.move(self.port)
            except OSError as problem:
                raise FaultError(f"port {self.port}: {problem}") from problem
        port = gateway.listener.address.rpartition(":")[2]
        text = (
            "TWS socket port has been reset and this connection is being dropped. "
            f"Please reconnect on the new port - {port}"
        )
        for session in list(gateway.sessions):
            session.tell(1300, text)
            session.close()
