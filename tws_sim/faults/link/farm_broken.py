"""A data farm breaks and comes back."""

from collections.abc import Sequence

from tws_sim.faults.farms import KINDS, FarmName, farm_of
from tws_sim.faults.interruption import DEFINITIONS, HISTORY, Interruption
from tws_sim.gateway import Gateway
from tws_sim.market.instrument import Instrument
from tws_sim.session import Session
from tws_sim.wire import errors
from tws_sim.wire.requests import request_id

_CODES = {"usfarm": (2103, 2104), "usopt": (2103, 2104), "ushmds": (2105, 2106), "secdefnj": (2157, 2158)}
_NO_HISTORY = "Historical Market Data Service error message:HMDS server disconnect occurred."


class FarmBroken(Interruption):
    """2103, 2105 or 2157 by the farm, then 2104, 2106 or 2158; what comes from it stops in between.

    Ticks of its contracts pause; requests for history fail with error 162; requests for contracts are
    never answered.
    """

    farm: FarmName

    def _broken(self, session: Session) -> None:
        session.tell(_CODES[self.farm][0], f"{KINDS[self.farm]} farm connection is broken:{self.farm}")

    async def begin(self, gateway: Gateway) -> None:
        """Tell every client."""
        for session in self.struck(gateway):
            self._broken(session)

    def met(self, session: Session) -> None:
        """A client that connects now hears of it too."""
        self._broken(session)

    async def end(self, gateway: Gateway) -> None:
        """Tell again; ticks go on."""
        for session in self.struck(gateway):
            session.tell(_CODES[self.farm][1], f"{KINDS[self.farm]} farm connection is OK:{self.farm}")
        await super().end(gateway)

    def pauses(self, session: Session, item: Instrument | None) -> bool:
        """Those of the farm's contracts."""
        return item is not None and farm_of(item) == self.farm

    def intercept(self, session: Session, message_id: int, fields: Sequence[str]) -> bool:
        """Requests that the farm would answer."""
        if self.farm == "ushmds" and message_id in HISTORY:
            session.error(request_id(message_id, fields), errors.NO_HISTORY, _NO_HISTORY)
            return True
        return self.farm == "secdefnj" and message_id in DEFINITIONS
