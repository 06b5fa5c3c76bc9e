"""Another message rate."""

from typing import Annotated

from pydantic import Field

from tws_sim.faults.fault import ForClient, Lasting
from tws_sim.gateway import Gateway
from tws_sim.session import Session


class RateLimit(Lasting, ForClient):
    """Another limit of messages a second: beyond it error 100, and the end in the third second of that."""

    limit: Annotated[int, Field(ge=1, le=10_000, description="Messages a second.")]

    async def begin(self, gateway: Gateway) -> None:
        """Set it."""
        for session in self.struck(gateway):
            self.met(session)

    def met(self, session: Session) -> None:
        """Set it for later clients too."""
        session.rate.limit = self.limit

    async def end(self, gateway: Gateway) -> None:
        """Set the gateway's own."""
        for session in self.struck(gateway):
            session.rate.limit = gateway.settings.message_rate
