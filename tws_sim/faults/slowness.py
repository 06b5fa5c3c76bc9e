"""Faults that put a slow wire before the sockets of clients."""

from abc import abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import PrivateAttr

from tws_sim.clock import Clock
from tws_sim.faults.fault import FaultError, ForClient, Lasting
from tws_sim.faults.slow_wire import SlowWire
from tws_sim.gateway import Gateway
from tws_sim.session import Session


class Slowness(Lasting, ForClient):
    """What the gateway writes arrives late or in pieces; one such fault per client at a time."""

    _wire: SlowWire = PrivateAttr()

    @abstractmethod
    def wire(self, clock: Clock) -> SlowWire:
        """The wire."""

    @asynccontextmanager
    async def active(self, gateway: Gateway) -> AsyncIterator[None]:
        """Lay the wire, and take it away."""
        sessions = self.struck(gateway)
        if any(session.wire is not None for session in sessions):
            raise FaultError("another slow wire stands before a client's socket; lift it first")
        self._wire = self.wire(gateway.clock)
        async with self._wire.running():
            for session in sessions:
                self._wire.lay(session)
            yield

    def met(self, session: Session) -> None:
        """Later clients get it too."""
        self._wire.lay(session)
