"""Black hole."""

from weakref import WeakSet

from pydantic import PrivateAttr

from tws_sim.faults.fault import ForClient, Lasting
from tws_sim.gateway import Gateway
from tws_sim.session import Session


class BlackHole(Lasting, ForClient):
    """Sockets stay open and new ones are accepted, but nothing is read and nothing written.

    Afterwards everything that was sent in both directions meanwhile arrives, ticks as their latest state.
    """

    _held: WeakSet[Session] = PrivateAttr(default_factory=WeakSet)

    async def begin(self, gateway: Gateway) -> None:
        """Hold who is there."""
        for session in self.struck(gateway):
            self.met(session)

    def met(self, session: Session) -> None:
        """Hold who comes."""
        if session not in self._held:
            self._held.add(session)
            session.hold()

    async def end(self, gateway: Gateway) -> None:
        """Let all go on."""
        for session in self._held:
            session.release()
