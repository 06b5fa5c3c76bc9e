"""A restart of the gateway."""

from tws_sim.faults.fault import Lasting, Seconds
from tws_sim.gateway import Gateway


class Restart(Lasting):
    """Every connection ends with FIN, the port refuses new ones for a while, then the gateway is back."""

    seconds: Seconds = 10.0

    async def begin(self, gateway: Gateway) -> None:
        """Down."""
        gateway.listener.shut()
        for session in list(gateway.sessions):
            session.close()

    async def end(self, gateway: Gateway) -> None:
        """Up, with no client id in use."""
        gateway.forget(None)
        await gateway.listener.reopen()
