"""FIN."""

from tws_sim.faults.fault import ForClient
from tws_sim.gateway import Gateway


class Fin(ForClient):
    """The gateway closes the connection with FIN."""

    async def begin(self, gateway: Gateway) -> None:
        """Close."""
        for session in self.connected(gateway):
            session.close()
