"""The message rate is said to be broken."""

from typing import Annotated

from pydantic import Field

from tws_sim.faults.fault import ForClient
from tws_sim.gateway import Gateway
from tws_sim.wire import errors


class RateBroken(ForClient):
    """Error 100 some times, then the connection ends, whatever rate the client keeps."""

    warnings: Annotated[int, Field(ge=1, le=100, description="How many errors 100.")] = 3
    cut: Annotated[bool, Field(description="Whether the connection ends after them.")] = True

    async def begin(self, gateway: Gateway) -> None:
        """Accuse, and cut."""
        for session in self.connected(gateway):
            text = f"Max rate of messages per second has been exceeded:max={session.rate.limit}"
            for number in range(1, self.warnings + 1):
                session.error(-1, errors.RATE_EXCEEDED, f"{text} ({number})")
            session.flush()
            if self.cut:
                session.close()
