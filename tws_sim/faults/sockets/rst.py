"""RST."""

from tws_sim.faults.fault import ForClient
from tws_sim.gateway import Gateway


class Rst(ForClient):
    """The connection ends with RST (SO_LINGER of zero seconds)."""

    async def begin(self, gateway: Gateway) -> None:
        """Reset."""
        for session in self.connected(gateway):
            session.reset()
