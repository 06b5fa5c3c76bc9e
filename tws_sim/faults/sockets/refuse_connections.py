"""No new connections."""

from tws_sim.faults.fault import Lasting
from tws_sim.gateway import Gateway


class RefuseConnections(Lasting):
    """New connections are refused; those that stand go on."""

    async def begin(self, gateway: Gateway) -> None:
        """Shut the port."""
        gateway.listener.shut()

    async def end(self, gateway: Gateway) -> None:
        """Open it again."""
        await gateway.listener.reopen()
