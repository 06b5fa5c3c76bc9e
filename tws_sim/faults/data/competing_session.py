"""The same user trades elsewhere."""

from typing import Annotated

from pydantic import Field

from tws_sim import streams
from tws_sim.faults.interruption import Interruption
from tws_sim.gateway import Gateway
from tws_sim.market.instrument import Instrument
from tws_sim.session import Session
from tws_sim.terms import Terms

_COMPETING = (10197, "No market data during competing live session")


class CompetingSession(Interruption):
    """Error 10197 for every market data request, old and new, and no tick for any until it is over."""

    resume_after: Annotated[
        bool, Field(description="Whether the requests go on afterwards, or have ended with the error.")
    ] = True

    async def begin(self, gateway: Gateway) -> None:
        """Every request that runs gets the error."""
        for session in self.struck(gateway):
            for subscription in list(session.subscriptions.values()):
                session.error(subscription.request_id, *_COMPETING)
                if not self.resume_after:
                    session.unsubscribe(subscription)
            self._strike_streams(session)
            session.flush()

    def _strike_streams(self, session: Session) -> None:
        for key in list(session.streams):
            session.error(key.request_id, *_COMPETING)
            if not self.resume_after:
                streams.stop(session, key)

    def terms(self, session: Session, item: Instrument) -> Terms | None:
        """The error, and a line to wait on if requests go on afterwards."""
        return Terms(notice=_COMPETING) if self.resume_after else Terms(refusal=_COMPETING)
