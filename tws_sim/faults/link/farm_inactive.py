"""A data farm is idle."""

from typing import Annotated, Literal

from pydantic import Field

from tws_sim.faults.farms import KINDS
from tws_sim.faults.fault import ForClient
from tws_sim.gateway import Gateway


class FarmInactive(ForClient):
    """Notice 2107 (history) or 2108 (market data): a farm idles until it is needed. Nothing else happens."""

    farm: Annotated[Literal["usfarm", "usopt", "ushmds"], Field(description="The farm that idles.")]

    async def begin(self, gateway: Gateway) -> None:
        """Tell."""
        code = 2107 if self.farm == "ushmds" else 2108
        text = f"{KINDS[self.farm]} farm connection is inactive but should be available upon demand."
        for session in self.connected(gateway):
            session.tell(code, f"{text}{self.farm}")
