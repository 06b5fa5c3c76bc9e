"""A client id that stays in use."""

from typing import Annotated

from pydantic import Field

from tws_sim.faults.fault import ForClient, Lasting
from tws_sim.gateway import Gateway


class ClientIdStays(Lasting, ForClient):
    """A client id counts as in use for a while after its socket has gone: error 326, then the end."""

    linger: Annotated[float, Field(gt=0, le=3600, description="Seconds after the end of the socket.")]

    def lingering(self, client_id: int) -> float:
        """As its parameter says."""
        return self.linger if self.client in {None, client_id} else 0.0

    async def end(self, gateway: Gateway) -> None:
        """Free what still lingers."""
        gateway.forget(self.client)
